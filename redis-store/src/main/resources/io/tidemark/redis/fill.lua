-- fill.lua: stores what a loader read after its claim.
--
-- KEYS[1]     the slot
-- ARGV[1]     the writer, 32 letters
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

if slot.state ~= 'PENDING' or slot.fence ~= fence then
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
leave_entry(key, row, slot.floor)
return 'STORED'
