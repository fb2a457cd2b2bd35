-- refresh.lua: stores what was loaded while a value was present. Needs no claim.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 8 letters
-- ARGV[2]     the life of a floor in ms; 0: none is left
-- ARGV[3..8]  the row, see row_of
--
-- Answers  STORED: the row is the entry, with a new life
--          SUPERSEDED: a newer row is the entry, and is fresh; unchanged
--          DROPPED: the slot holds no entry now, and no claim
--          REFUSED: the slot holds no entry; unchanged

local key, floor_ms = KEYS[1], ARGV[2]
local row = row_of(ARGV, 3)
local slot = read(key)

if not is_entry(slot) then
  return 'REFUSED'
end

if slot.state == 'VALUE' and row.kind == 'VALUE' then
  -- Safeguard COMPARE_VERSIONS: the row may have been read before the entry was written.
  -- Safeguard DROP_ON_TIE_NOT_KEEP: of two rows with one version, the slot's may be the older.
  if row.version < slot.floor and not slot.expired then
    return 'SUPERSEDED'
  end
  local is_newer = row.version > slot.floor
  -- Safeguard COMPARE_VERSIONS: only a newer row replaces an entry.
  -- Safeguard DROP_ON_TIE_NOT_REPLACE: of two rows with one version, this may be the older.
  if is_newer or (row.version == slot.floor and has_payload(slot, row.payload)) then
    redis.call('SET', key, entry_of(row, slot.floor), 'PX', row.life_ms)
    return 'STORED'
  end
end
-- The order of the row and the slot is not proven, or the source returned an older row than an
-- expired value: the next reader loads.
local known = slot.state == 'ABSENT' and row.version or NONE
leave_floor(slot, key, floor_after(slot, known, floor_ms))
return 'DROPPED'
