-- drop.lua: drops the entry or the claim of a slot, for a row that was committed and cannot be an
-- entry. Nothing older than the row is served afterwards.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 8 letters
-- ARGV[2]  the version of the row, 20 digits; zeros: unknown
-- ARGV[3]  the life of a floor in ms; 0: none is left
--
-- Answers  DROPPED: the slot holds no entry now, and no claim
--          SUPERSEDED: a newer row is the entry; unchanged

local key, version, floor_ms = KEYS[1], ARGV[2], ARGV[3]
local slot = read(key)

if slot.state == 'VALUE' and version ~= NONE and version < slot.floor then
  return 'SUPERSEDED'
end
-- Safeguard DROP_TELLS_VERSION: a source that lags still has what is older than the row.
leave_floor(slot, key, floor_after(slot, version, floor_ms))
return 'DROPPED'
