-- slot.lua: the format of a slot, and the ways to leave one. It stands in front of every script.
--
-- A slot is one string: a header of 143 printable ASCII characters, then the payload.
--
--   T2              the format
--   P, V or A       the state: PENDING, VALUE or ABSENT
--   v + 20 digits   VALUE: its version
--   f + 19 digits   PENDING: the fence of the claim
--   l + 20 digits   PENDING, ABSENT: the floor
--   e + 15 digits   VALUE, ABSENT: when it expires, in ms of this server's clock; E for e if
--                   the key is gone then, so that whoever finds the entry finds it fresh
--   t + 15 digits   when the slot was written, in ms of this server's clock
--   d + 12 digits   VALUE, ABSENT: how long the source took to give the row, in microseconds
--   b + 32 letters  who wrote the slot: printable ASCII without spaces, and spaces after it
--
-- What a state does not use is zeros. A version or a floor is a 1 and 19 digits; zeros are none. A
-- fence of zeros is nobody's. A load time of zeros is not known.
--
-- Versions, floors and fences go up to 2^63-1. They are never made Lua numbers, which are doubles
-- and mix up what lies beyond 2^53. They are compared as digits of one width: Lua compares strings
-- by the server's locale, and every locale agrees on digits. Raw bytes must never be compared so.
--
-- Every script changes its slot by one command, which is its last: a server that refuses it, for
-- want of memory say, has left the slot as it was.

local NONE = '00000000000000000000'
local LOWEST = '10000000000000000000'
local HIGHEST = '19223372036854775807'
local NO_FENCE = '0000000000000000000'
local HIGHEST_FENCE = '9223372036854775807'
local NEVER = 'e000000000000000'
local NO_LOAD = '000000000000'
local MOMENT_LENGTH = 15
local WRITER_LENGTH = 32

local HEADER_LENGTH = 143
local HEADER = '^T2([PVA])v([0-9]+)f([0-9]+)l([0-9]+)[eE]([0-9]+)t([0-9]+)d([0-9]+)b([!-~]+ *)$'

-- Every script has it as its first argument.
local WRITER = ARGV[1]

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
  return #digits == #NO_FENCE and digits <= HIGHEST_FENCE
end

-- A slot as a table: its state, EMPTY and DAMAGED among them; its fence; its floor, which for a
-- VALUE is its version; and all of its bytes.
local function parsed(bytes)
  if not bytes then
    return { state = 'EMPTY', fence = NO_FENCE, floor = NONE }
  end
  local header = string.sub(bytes, 1, HEADER_LENGTH)
  local state, version, fence, floor, expiry, written, load, writer = string.match(header, HEADER)
  if state and is_version(version) and is_fence(fence) and is_version(floor)
      and #expiry == MOMENT_LENGTH and #written == MOMENT_LENGTH
      and #load == #NO_LOAD and #writer == WRITER_LENGTH then
    if state == 'V' and version ~= NONE then
      return { state = 'VALUE', fence = NO_FENCE, floor = version, bytes = bytes }
    elseif state == 'P' and #bytes == HEADER_LENGTH then
      return { state = 'PENDING', fence = fence, floor = floor, bytes = bytes }
    elseif state == 'A' and #bytes == HEADER_LENGTH then
      return { state = 'ABSENT', fence = NO_FENCE, floor = floor, bytes = bytes }
    end
  end
  return { state = 'DAMAGED', fence = NO_FENCE, floor = NONE }
end

local function read(key)
  local bytes = redis.pcall('GET', key)
  if type(bytes) == 'table' then
    if string.sub(bytes.err, 1, 9) == 'WRONGTYPE' then
      return { state = 'DAMAGED', fence = NO_FENCE, floor = NONE }
    end
    error(bytes.err)
  end
  return parsed(bytes)
end

local function has_payload(slot, payload)
  return string.sub(slot.bytes, HEADER_LENGTH + 1) == payload
end

-- Milliseconds stay far below 2^53.
local function now_ms()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

local function moment(ms)
  return string.format('%015.0f', ms)
end

local function write(key, state, version, fence, floor, expiry, now, load, payload, life_ms)
  local header = 'T2' .. state .. 'v' .. version .. 'f' .. fence .. 'l' .. floor .. expiry
      .. 't' .. moment(now) .. 'd' .. load .. 'b' .. WRITER
  redis.call('SET', key, header .. payload, 'PX', life_ms)
end

local function leave_pending(key, fence, floor, pending_ms)
  write(key, 'P', NONE, fence, floor, NEVER, now_ms(), NO_LOAD, '', pending_ms)
end

-- Leaves a floor without a claim, and nothing where there is no floor.
local function leave_floor(key, floor, pending_ms)
  if floor == NONE then
    redis.call('DEL', key)
  else
    leave_pending(key, NO_FENCE, floor, pending_ms)
  end
end

-- Leaves the row as the entry. An absence keeps the highest version known.
local function leave_entry(key, row, floor)
  local now = now_ms()
  local expiry = moment(now + row.fresh_ms)
  expiry = (row.fresh_ms == row.life_ms and 'E' or 'e') .. expiry
  local load = row.load_us
  if row.kind == 'VALUE' then
    write(key, 'V', row.version, NO_FENCE, NONE, expiry, now, load, row.payload, row.life_ms)
  else
    local known = later(floor, row.version)
    write(key, 'A', NONE, NO_FENCE, known, expiry, now, load, '', row.life_ms)
  end
end

-- The row in six arguments: its kind, VALUE or ABSENT; its version, zeros for an absence without
-- one; its payload; how long the source took to give it, 12 digits of microseconds; how long it is
-- fresh in ms; and how long it is kept in ms, which is that or more.
local function row_of(argv, first)
  return {
    kind = argv[first],
    version = argv[first + 1],
    payload = argv[first + 2],
    load_us = argv[first + 3],
    fresh_ms = argv[first + 4],
    life_ms = argv[first + 5]
  }
end
