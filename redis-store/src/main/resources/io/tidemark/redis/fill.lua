-- fill.lua: stores what a loader read after its claim.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 8 letters
-- ARGV[2]     the fence, 19 digits and not zero
-- ARGV[3]     which rows the floor lets in: AT_OR_ABOVE or ABOVE
-- ARGV[4..9]  the row, see row_of
--
-- Answers  STORED
--          BEHIND: the floor does not let the row in; unchanged
--          REFUSED: the slot is not PENDING with this fence, and is unchanged

local key, fence, rule = KEYS[1], ARGV[2], ARGV[3]
local row = row_of(ARGV, 4)
local slot = read(key)

if not is_claim_of(fence, slot) then
  return 'REFUSED'
end

local let_in
if row.kind == 'ABSENT' then
  let_in = rule == 'AT_OR_ABOVE' or slot.floor == NONE
elseif rule == 'AT_OR_ABOVE' then
  let_in = row.version >= slot.floor
else
  let_in = row.version > slot.floor
end

if not let_in then
  return 'BEHIND'
end
redis.call('SET', key, entry_of(row, slot.floor), 'PX', row.life_ms)
return 'STORED'
