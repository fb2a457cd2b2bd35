-- claim.lua: claims a slot before a load or a write.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 8 letters
-- ARGV[2]  the fence, 19 digits
-- ARGV[3]  UNLESS_PRESENT: an entry answers the claim; ALWAYS: it is hidden
-- ARGV[4]  the life of the claim in ms
-- ARGV[5]  the life of the floor that a hidden entry leaves in ms; 0: it leaves none
-- ARGV[6]  the length of the longest slot that is returned; a longer one is hidden
--
-- Answers  CLAIMED and the highest version known, 20 digits
--          LOST and the slot's bytes: a later fence holds it, and it is unchanged
--          HIT and the slot's bytes: it holds an entry, and is unchanged

local key, fence, mode, claim_ms, floor_ms = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local longest = tonumber(ARGV[6])
local slot = read(key)

if slot.state == 'PENDING' and slot.fence > fence then
  return { 'LOST', slot.bytes }
end
if mode == 'UNLESS_PRESENT' and is_entry(slot) and #slot.bytes <= longest then
  return { 'HIT', slot.bytes }
end

local floor, floor_end
if is_claim_of(fence, slot) then
  floor, floor_end = slot.floor, slot.floor_end
else
  floor, floor_end = floor_of(slot, floor_ms)
end
leave_claim(slot, key, fence, claim_ms, floor, floor_end)
return { 'CLAIMED', is_entry(slot) and slot.floor or floor }
