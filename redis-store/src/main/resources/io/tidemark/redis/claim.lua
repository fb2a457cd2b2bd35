-- claim.lua: claims a slot before a load or a write.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 32 letters
-- ARGV[2]  the fence, 19 digits
-- ARGV[3]  UNLESS_PRESENT: an entry answers the claim; ALWAYS: it is hidden
-- ARGV[4]  the life of the claim in ms
--
-- Answers  CLAIMED and the floor, 20 digits
--          LOST: a later fence holds the slot, which is unchanged
--          HIT and the slot's bytes: it holds an entry, and is unchanged

local key, fence, mode, pending_ms = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local slot = read(key)

if slot.state == 'PENDING' and slot.fence > fence then
  return { 'LOST' }
end
if mode == 'UNLESS_PRESENT' and (slot.state == 'VALUE' or slot.state == 'ABSENT') then
  return { 'HIT', slot.bytes }
end
leave_pending(key, fence, slot.floor, pending_ms)
return { 'CLAIMED', slot.floor }
