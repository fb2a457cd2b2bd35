-- renew.lua: extends the caller's own claim or reservation by a whole life from now.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 8 letters
-- ARGV[2]  the fence, 20 digits and not zero
-- ARGV[3]  the life of the claim in ms
--
-- Answers  RENEWED
--          REFUSED: the slot is neither PENDING with this fence nor an entry that it reserved, and
--          is unchanged

local key, fence, claim_ms = KEYS[1], ARGV[2], ARGV[3]
local slot = read(key)

if is_reserved_by(fence, slot) then
  leave_mark(slot, key, mark_of(fence, moment(NOW_MS + claim_ms), slot.written, slot.writer))
  return 'RENEWED'
end
-- Safeguard RENEW_OWN_CLAIM: without its claim, what a load has read may be too old.
if is_claim_of(fence, slot) then
  local claim_end = moment(NOW_MS + claim_ms)
  local written, writer = slot.written or NOW_S, slot.writer or WRITER
  leave_pending(slot, key, fence, claim_end, slot.floor, slot.floor_end, written, writer)
  return 'RENEWED'
end
return 'REFUSED'
