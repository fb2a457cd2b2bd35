-- claim.lua: claims a slot before a load or a write.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 32 letters
-- ARGV[2]  the fence, 19 digits
-- ARGV[3]  UNLESS_PRESENT: an entry answers the claim; ALWAYS: it is hidden
-- ARGV[4]  the life of the claim in ms
-- ARGV[5]  the length of the longest slot that is answered; a longer one is hidden
--
-- Answers  CLAIMED and the floor, 20 digits
--          LOST: a later fence holds the slot, which is unchanged
--          HIT and the slot's bytes: it holds an entry, and is unchanged

local key, fence, mode, pending_ms, longest = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local slot = read(key)

if slot.state == 'PENDING' and slot.fence > fence then
  return { 'LOST' }
end
local is_entry = slot.state == 'VALUE' or slot.state == 'ABSENT'
if mode == 'UNLESS_PRESENT' and is_entry and #slot.bytes <= tonumber(longest) then
  return { 'HIT', slot.bytes }
end
leave_pending(key, fence, slot.floor, pending_ms)
return { 'CLAIMED', slot.floor }
