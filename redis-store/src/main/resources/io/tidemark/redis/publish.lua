-- publish.lua: stores what a writer committed. Nothing older than the row is served after it.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 8 letters
-- ARGV[2]     the fence of the writer's own claim, 19 digits; zeros: it has none
-- ARGV[3]     the life of a floor in ms; 0: none is left
-- ARGV[4..9]  the row, see row_of
--
-- Answers  STORED
--          SAME: the very same row is the entry; unchanged
--          SUPERSEDED: a newer row is the entry; unchanged
--          DROPPED: the slot holds no entry now, and no claim. Also where a full server has no
--          room for the entry

local key, fence, floor_ms = KEYS[1], ARGV[2], ARGV[3]
local row = row_of(ARGV, 4)
local slot = read(key)
local versioned = row.version ~= NONE

local stored
if slot.state == 'PENDING' then
  stored = is_claim_of(fence, slot) and (not versioned or row.version >= slot.floor)
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

if stored and has_set(key, entry_of(row, slot.floor), row.life_ms) then
  return 'STORED'
end
-- The order of the row and the slot is not proven, or there is no room: the next reader loads.
-- What the writer's own claim carries is above the row then, and the write makes it anew.
local made = is_claim_of(fence, slot) and later(slot.floor, row.version) or row.version
leave_floor(slot, key, floor_after(slot, made, floor_ms))
return 'DROPPED'
