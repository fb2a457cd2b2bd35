-- slot.lua: the format of a slot, and the ways to leave one. It stands in front of every script.
--
-- A slot is one string: a header of printable ASCII characters, then the payload. The header of an
-- entry has 64, or 68 with the load time:
--
--   T7              the format
--   8 characters    the lineage that the slot was written in, see lineage.lua; dashes are none
--   V or A          the state: VALUE or ABSENT; v or a if the key is kept after its expiry, while V
--                   and A are gone then
--   13 digits       when it expires, in ms of this server's clock
--   20 digits       VALUE: its version; ABSENT: the floor
--   t + 10 digits   when the slot was written, in s of this server's clock
--   d + 3 digits    how long the source took to give the row: two digits and as many zeros as the
--                   third says, in microseconds, rounded up; left out if it is not known
--   b + 8 letters   who wrote the slot: printable ASCII without spaces, and spaces after it
--
-- That of an entry that is kept after its expiry has 55 more, the mark of the load that has reserved
-- it since:
--
--   f + 20 digits   the fence of that load; zeros are nobody's
--   c + 13 digits   when the reservation ends, in ms of this server's clock
--   t + 10 digits   when it was made, in s
--   b + 8 letters   who made it
--
-- A slot without an entry has 100, and no payload:
--
--   T7, 8 characters
--   P               the state: PENDING
--   20 digits       the fence of the claim; zeros are nobody's
--   l + 20 digits   the floor
--   c + 13 digits   when the claim ends, in ms of this server's clock
--   e + 13 digits   when the floor ends, but for the claim that was given it
--   t + 10 digits   when the claim was made or the entry dropped, in s
--   b + 8 letters
--
-- A version, a floor or the fence of a lock is a 1 and 19 digits; zeros are none. The ballot of a load
-- without a lock is a fence too: a 0 and 19 digits, and so lower than every lock's. Two ballots are
-- equal or not, and have no order. All of them go up to 2^63-1. They are never made Lua numbers,
-- which are doubles and mix up what lies beyond 2^53. They are compared as digits of one width, and
-- so are moments: Lua compares strings by the server's locale, and every locale agrees on digits. Raw
-- bytes must never be compared so.
--
-- What has ended by its own header is over, even where the key lives on: because somebody took its
-- time to live away, say, or copied it without.
--
-- Every script asks for the time first, and changes its slot by its last command: a server that
-- refuses one of them has left the slot as it was.

local NONE = '00000000000000000000'
local LOWEST = '10000000000000000000'
local HIGHEST = '19223372036854775807'
local NO_FENCE = NONE
local HIGHEST_BALLOT = '09223372036854775807'
local NEVER = '0000000000000'
local LAST_MS = 9999999999999
local SECOND_LENGTH = 10
local UNKNOWN_LOAD = '000'
local WRITER_LENGTH = 8

local ENTRY_LENGTH = 64
local LOAD_AT = 56
local LOAD_LENGTH = 4
local ENTRY = '^T7(........)([VvAa])([0-9]+)t([0-9]+)(d?[0-9]*)b([!-~]+ *)$'
local MARK_LENGTH = 55
local MARK = '^f([0-9]+)c([0-9]+)t([0-9]+)b([!-~]+ *)$'
local PENDING_LENGTH = 100
local PENDING = '^T7(........)P([0-9]+)l([0-9]+)c([0-9]+)e([0-9]+)t([0-9]+)b([!-~]+ *)$'

-- Every script has it as its first argument.
local WRITER = ARGV[1]

-- Milliseconds stay far below 2^53.
local TIME = redis.call('TIME')
local NOW_MS = TIME[1] * 1000 + math.floor(TIME[2] / 1000)

local function moment(ms)
  return string.sub(NEVER .. math.min(ms, LAST_MS), -#NEVER)
end

local NOW = moment(NOW_MS)
local NOW_S = string.sub(NOW, 1, SECOND_LENGTH)

local function later(a, b)
  if a < b then
    return b
  end
  return a
end

local function is_version(digits)
  return digits == NONE or (#digits == #NONE and digits >= LOWEST and digits <= HIGHEST)
end

local function is_fence(digits)
  return #digits == #NO_FENCE
    and (digits <= HIGHEST_BALLOT or (digits > LOWEST and digits <= HIGHEST))
end

local function is_ballot(fence)
  return fence ~= NO_FENCE and fence < LOWEST
end

-- A slot as a table: its state, EMPTY and DAMAGED among them; the lineage that it was written in; the
-- fence of its claim or reservation; its floor, which for a VALUE is its version, and when that ends;
-- whether it has expired; and all of its bytes.
local function slot_of(state, floor, bytes)
  return { state = state, fence = NO_FENCE, floor = floor, floor_end = NEVER, bytes = bytes }
end

-- Adds to an entry what its mark says. Returns nothing if that is damaged.
local function with_reservation(slot, bytes)
  local mark = string.sub(bytes, slot.mark_at + 1, slot.header_length)
  local fence, reservation_end, written, writer = string.match(mark, MARK)
  if not fence or not is_fence(fence) or #reservation_end ~= #NEVER or #written ~= SECOND_LENGTH
      or #writer ~= WRITER_LENGTH then
    return nil
  end
  if reservation_end > NOW then
    slot.fence, slot.written, slot.writer = fence, written, writer
  end
  return slot
end

local function parsed_entry(bytes)
  local load_length = string.sub(bytes, LOAD_AT, LOAD_AT) == 'd' and LOAD_LENGTH or 0
  local mark_at = ENTRY_LENGTH + load_length
  local lineage, state, digits, written, load, writer =
    string.match(string.sub(bytes, 1, mark_at), ENTRY)
  if not state or #digits ~= #NEVER + #NONE or #written ~= SECOND_LENGTH
      or #load ~= load_length or #writer ~= WRITER_LENGTH then
    return nil
  end
  local expiry = string.sub(digits, 1, #NEVER)
  local version = string.sub(digits, #NEVER + 1)
  local is_value = string.upper(state) == 'V'
  local is_kept = string.lower(state) == state
  local header_length = is_kept and mark_at + MARK_LENGTH or mark_at
  if not is_version(version) or (is_value and version == NONE)
      or (not is_value and #bytes ~= header_length) then
    return nil
  end
  local slot = slot_of(is_value and 'VALUE' or 'ABSENT', version, bytes)
  slot.lineage = lineage
  slot.expired = expiry <= NOW
  slot.kept = is_kept
  slot.mark_at = mark_at
  slot.header_length = header_length
  if is_kept then
    return with_reservation(slot, bytes)
  end
  return slot
end

local function parsed_pending(bytes)
  local lineage, fence, floor, claim_end, floor_end, written, writer = string.match(bytes, PENDING)
  if not lineage or #bytes ~= PENDING_LENGTH or not is_fence(fence) or not is_version(floor)
      or #claim_end ~= #NEVER or #floor_end ~= #NEVER or #written ~= SECOND_LENGTH
      or #writer ~= WRITER_LENGTH then
    return nil
  end
  local slot = slot_of('PENDING', floor, bytes)
  slot.lineage = lineage
  slot.header_length = PENDING_LENGTH
  slot.floor_end = floor_end
  if claim_end > NOW then
    slot.fence = fence
    slot.written = written
    slot.writer = writer
  elseif floor == NONE or floor_end <= NOW then
    return slot_of('EMPTY', NONE, bytes)
  end
  return slot
end

local function is_entry(slot)
  return slot.state == 'VALUE' or slot.state == 'ABSENT'
end

-- What a slot of another lineage tells: a floor. Its entry may be arbitrarily old, and so may its
-- claim: the write that broke it may have been lost.
local function lost(slot)
  -- Safeguard FOREIGN_KEEPS_FLOOR: it tells which rows a replica may not have yet.
  slot.was_entry = is_entry(slot)
  slot.state = 'PENDING'
  slot.fence, slot.written, slot.writer = NO_FENCE, nil, nil
  return slot
end

local function parsed(key, bytes)
  local slot = parsed_entry(bytes) or parsed_pending(bytes) or slot_of('DAMAGED', NONE, bytes)
  -- An entry that is kept after its expiry ends with its time to live; without one it never would.
  if slot.expired and (not slot.kept or redis.call('PTTL', key) == -1) then
    return slot_of('EMPTY', NONE, bytes)
  end
  -- Safeguard STAMP_IN_SCRIPTS: what a failover brought back may be arbitrarily old.
  if slot.lineage and not is_present(slot.lineage) then
    return lost(slot)
  end
  return slot
end

local function read(key)
  local bytes = redis.pcall('GET', key)
  if type(bytes) == 'table' then
    if string.sub(bytes.err, 1, 9) == 'WRONGTYPE' then
      return slot_of('DAMAGED', NONE, '')
    end
    error(bytes.err)
  end
  if not bytes then
    return slot_of('EMPTY', NONE, nil)
  end
  return parsed(key, bytes)
end

local function is_claim_of(fence, slot)
  return slot.state == 'PENDING' and fence ~= NO_FENCE and slot.fence == fence
end

local function is_reserved_by(fence, slot)
  return is_entry(slot) and fence ~= NO_FENCE and slot.fence == fence
end

local function payload_of(slot)
  return string.sub(slot.bytes, slot.header_length + 1)
end

local function has_payload(slot, payload)
  return payload_of(slot) == payload
end

-- A floor is two values: its version and its end.
local function new_floor(version, floor_ms)
  if version == NONE or floor_ms == '0' then
    return NONE, NEVER
  end
  -- Safeguard FLOOR: until the floor ends, a replica may give a row older than this version.
  return version, moment(NOW_MS + floor_ms)
end

-- The floor that the slot has for anybody but the claim that carries it: its own until that ends,
-- or a new one for an entry that goes or is lost.
local function floor_of(slot, floor_ms)
  if is_entry(slot) or slot.was_entry then
    return new_floor(slot.floor, floor_ms)
  end
  if slot.floor_end > NOW then
    return slot.floor, slot.floor_end
  end
  return NONE, NEVER
end

-- The floor after a write of a version, which starts its life again, or after a drop without one.
local function floor_after(slot, version, floor_ms)
  local floor, floor_end = floor_of(slot, floor_ms)
  if version == NONE then
    return floor, floor_end
  end
  return new_floor(later(floor, version), floor_ms)
end

-- Sets the key. Returns whether there was room: a full server refuses. Any other refusal ends the
-- script.
local function has_set(key, bytes, life_ms)
  local answer = redis.pcall('SET', key, bytes, 'PX', life_ms)
  if answer.err and string.find(answer.err, 'OOM command', 1, true) then
    return false
  elseif answer.err then
    redis.call('SET', key, bytes, 'PX', life_ms)
  end
  return true
end

local function leave_pending(slot, key, fence, claim_end, floor, floor_end, written, writer)
  local bytes = 'T7' .. LINEAGE .. 'P' .. fence .. 'l' .. floor .. 'c' .. claim_end .. 'e' .. floor_end
      .. 't' .. written .. 'b' .. writer
  local life_ms = later(claim_end, floor_end) - NOW_MS
  if not has_set(key, bytes, life_ms) then
    -- A full server never refuses to delete, nor what the same script does afterwards. If there was
    -- nothing to replace, it refuses again, and is not made fuller.
    if slot.bytes then
      redis.call('DEL', key)
    end
    redis.call('SET', key, bytes, 'PX', life_ms)
  end
end

local function leave_claim(slot, key, fence, claim_ms, floor, floor_end)
  local claim_end = moment(NOW_MS + claim_ms)
  leave_pending(slot, key, fence, claim_end, floor, floor_end, NOW_S, WRITER)
end

-- Leaves a floor without a claim, or no slot if there is no floor.
local function leave_floor(slot, key, floor, floor_end)
  if floor ~= NONE then
    leave_pending(slot, key, NO_FENCE, NEVER, floor, floor_end, NOW_S, WRITER)
  elseif slot.bytes then
    -- Safeguard DROP_FOREIGN: one of another lineage may return to its own server.
    redis.call('DEL', key)
  end
end

local function mark_of(fence, reservation_end, written, writer)
  return 'f' .. fence .. 'c' .. reservation_end .. 't' .. written .. 'b' .. writer
end

-- Leaves an entry that is kept with another mark, for as long as it lives anyway.
local function leave_mark(slot, key, mark)
  redis.call('SETRANGE', key, slot.mark_at, mark)
end

-- The bytes of the row as the entry. An absence keeps the highest known version.
local function entry_of(row, floor)
  local is_value = row.kind == 'VALUE'
  local state = is_value and 'V' or 'A'
  local mark = ''
  if row.fresh_ms ~= row.life_ms then
    state = string.lower(state)
    mark = mark_of(NO_FENCE, NEVER, NOW_S, WRITER)
  end
  local version = is_value and row.version or later(floor, row.version)
  local load = row.load == UNKNOWN_LOAD and '' or 'd' .. row.load
  local header = 'T7' .. LINEAGE .. state .. moment(NOW_MS + row.fresh_ms) .. version .. 't' .. NOW_S
      .. load .. 'b' .. WRITER
  return header .. mark .. row.payload
end

-- The row from six arguments: its kind, VALUE or ABSENT; its version, zeros for an absence without
-- one; its payload; its load time, as 3 digits, zeros if it is not known; how long it is fresh in ms;
-- and how long it is kept in ms, which is at least as long.
local function row_of(argv, first)
  return {
    kind = argv[first],
    version = argv[first + 1],
    payload = argv[first + 2],
    load = argv[first + 3],
    fresh_ms = argv[first + 4],
    life_ms = argv[first + 5]
  }
end
