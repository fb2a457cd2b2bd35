-- refresh.lua: stores what was loaded while a value was present. Needs no claim.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 32 letters
-- ARGV[2]     the life of a floor in ms
-- ARGV[3..8]  the row, see row_of
--
-- Answers  STORED: the row is the entry, with a new life
--          SUPERSEDED: a newer row is the entry; unchanged
--          DROPPED: the slot holds no entry now, and no claim
--          REFUSED: the slot holds no entry; unchanged

local key, pending_ms = KEYS[1], ARGV[2]
local row = row_of(ARGV, 3)
local slot = read(key)

if slot.state ~= 'VALUE' and slot.state ~= 'ABSENT' then
  return 'REFUSED'
end

local floor = slot.floor
if slot.state == 'VALUE' and row.kind == 'VALUE' then
  if row.version < slot.floor then
    return 'SUPERSEDED'
  end
  if row.version > slot.floor or has_payload(slot, row.payload) then
    leave_entry(key, row, slot.floor)
    return 'STORED'
  end
elseif slot.state == 'ABSENT' then
  floor = later(slot.floor, row.version)
end
-- The order of the row and the slot is not proven: the next reader loads.
leave_pending(key, NO_FENCE, floor, pending_ms)
return 'DROPPED'
