-- publish.lua: stores what a writer committed. Nothing older than the row is served after it.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 32 letters
-- ARGV[2]     the fence of the writer's own claim, 19 digits; zeros: it has none
-- ARGV[3]     the life of a floor in ms
-- ARGV[4..9]  the row, see row_of
--
-- Answers  STORED
--          SAME: the very same row is the entry; unchanged
--          SUPERSEDED: a newer row is the entry; unchanged
--          DROPPED: the slot holds no entry now, and no claim

local key, fence, pending_ms = KEYS[1], ARGV[2], ARGV[3]
local row = row_of(ARGV, 4)
local slot = read(key)
local versioned = row.version ~= NONE

if slot.state == 'EMPTY' or slot.state == 'DAMAGED' then
  leave_floor(key, row.version, pending_ms)
  return 'DROPPED'
end

local stored
if slot.state == 'PENDING' then
  local own = fence ~= NO_FENCE and slot.fence == fence
  stored = own and (not versioned or row.version >= slot.floor)
elseif slot.state == 'VALUE' and versioned then
  if row.version < slot.floor then
    return 'SUPERSEDED'
  end
  if row.version == slot.floor and row.kind == 'VALUE' and has_payload(slot, row.payload) then
    return 'SAME'
  end
  stored = row.version > slot.floor
elseif slot.state == 'ABSENT' and versioned then
  if row.version == slot.floor and row.kind == 'ABSENT' then
    return 'SAME'
  end
end

if stored then
  leave_entry(key, row, slot.floor)
  return 'STORED'
end
-- The order of the row and the slot is not proven: the next reader loads.
leave_pending(key, NO_FENCE, later(slot.floor, row.version), pending_ms)
return 'DROPPED'
