-- abandon.lua: gives up the caller's own claim and keeps its floor, until that ends; or gives up its
-- reservation.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 8 letters
-- ARGV[2]  the fence, 20 digits and not zero
--
-- Answers  ABANDONED
--          REFUSED: the slot is neither PENDING with this fence nor an entry that it reserved, and
--          is unchanged

local key, fence = KEYS[1], ARGV[2]
local slot = read(key)

if is_reserved_by(fence, slot) then
  leave_mark(slot, key, mark_of(NO_FENCE, NEVER, NOW_S, WRITER))
  return 'ABANDONED'
end
if is_claim_of(fence, slot) then
  leave_floor(slot, key, floor_of(slot, '0'))
  return 'ABANDONED'
end
return 'REFUSED'
