-- fill.lua: stores what a loader read after its claim.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 8 letters
-- ARGV[2]     the fence, 20 digits and not zero
-- ARGV[3]     which rows the floor lets in: AT_OR_ABOVE or ABOVE
-- ARGV[4..9]  the row, see row_of
--
-- Answers  STORED
--          BEHIND: the floor does not let the row in; unchanged
--          REFUSED: the slot is not PENDING with this fence, and is unchanged

local key, fence, rule = KEYS[1], ARGV[2], ARGV[3]
local row = row_of(ARGV, 4)
local slot = read(key)

-- Safeguard CLAIM_ON_EMPTY: what an evicted slot held may be newer than this row.
-- Safeguard CLAIM_ON_FLOOR: a write broke the claim, and may have this row's version.
-- Safeguard OWN_CLAIM: another load's claim does not tell when this one read.
if not is_claim_of(fence, slot) then
  return 'REFUSED'
end

-- Safeguard CLAIM_CARRIES_FLOOR: the row may have been read before the floor ended.
local let_in
if row.kind == 'ABSENT' then
  -- Safeguard BEHIND_ON_ABSENCE: the row may be too new for a replica to have.
  let_in = rule == 'AT_OR_ABOVE' or slot.floor == NONE
elseif rule == 'AT_OR_ABOVE' then
  let_in = row.version >= slot.floor
else
  -- Safeguard BEHIND_ON_TIE: of two rows with one version, a replica may have only the older.
  let_in = row.version > slot.floor
end

if not let_in then
  return 'BEHIND'
end
redis.call('SET', key, entry_of(row, slot.floor), 'PX', row.life_ms)
return 'STORED'
