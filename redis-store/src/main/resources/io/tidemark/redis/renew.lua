-- renew.lua: starts the life of the caller's own claim anew.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 32 letters
-- ARGV[2]  the fence, 19 digits and not zero
-- ARGV[3]  the life of the claim in ms
--
-- Answers  RENEWED
--          REFUSED: the slot is not PENDING with this fence, and is unchanged

local key, fence, pending_ms = KEYS[1], ARGV[2], ARGV[3]
local slot = read(key)

if slot.state == 'PENDING' and slot.fence == fence then
  leave_pending(key, fence, slot.floor, pending_ms)
  return 'RENEWED'
end
return 'REFUSED'
