-- publish.lua: stores what a writer committed. Afterwards nothing older than the row is served.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 8 letters
-- ARGV[2]     the fence of the writer's own claim, 20 digits; zeros: it has none
-- ARGV[3]     the life of a floor in ms; 0: none is left
-- ARGV[4..9]  the row, see row_of
--
-- Answers  STORED
--          SAME: the same row is the entry; unchanged
--          SUPERSEDED: a newer row is the entry; unchanged
--          DROPPED: the slot holds no entry now, and no claim. Also where a full server has no
--          room for the entry

local key, fence, floor_ms = KEYS[1], ARGV[2], ARGV[3]
local row = row_of(ARGV, 4)
local slot = read(key)
local versioned = row.version ~= NONE

-- Safeguard CLAIM_ON_EMPTY: what an evicted slot held may be newer than this row.
local stored
if slot.state == 'PENDING' then
  -- Safeguard DROP_FALLEN_VERSION: stored, it would lower the floor for lagging replicas.
  stored = is_claim_of(fence, slot) and (not versioned or row.version >= slot.floor)
elseif slot.state == 'VALUE' and versioned then
  -- Safeguard COMPARE_VERSIONS: writers publish in any order, the older row perhaps last.
  if row.version < slot.floor then
    return 'SUPERSEDED'
  end
  -- Safeguard DROP_ON_TIE_NOT_KEEP: of two rows with one version, the slot's may be the older.
  if row.version == slot.floor and row.kind == 'VALUE' and has_payload(slot, row.payload) then
    return 'SAME'
  end
  -- Safeguard COMPARE_VERSIONS: only a newer row replaces an entry.
  -- Safeguard DROP_ON_TIE_NOT_REPLACE: of two rows with one version, this may be the older.
  stored = row.version > slot.floor
elseif slot.state == 'ABSENT' and versioned then
  -- Safeguard DROP_ABSENT: the row may be older than a delete that came without a version.
  if row.version == slot.floor and row.kind == 'ABSENT' then
    return 'SAME'
  end
end

if stored and has_set(key, entry_of(row, slot.floor), row.life_ms) then
  return 'STORED'
end
-- The order of the row and the slot is not proven, or there is no room: the next reader loads.
-- If the writer's own claim carries a floor above the row, the write gives that floor a new life.
local made = is_claim_of(fence, slot) and later(slot.floor, row.version) or row.version
-- Safeguard BREAK_OTHER_CLAIM: the claim's load may have read before this write.
-- Safeguard BREAK_OTHER_CLAIM_AS_LOCKED_WRITER: so may the one that took its claim.
leave_floor(slot, key, floor_after(slot, made, floor_ms))
return 'DROPPED'
