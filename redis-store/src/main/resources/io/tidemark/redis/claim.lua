-- claim.lua: claims a slot before a load or a write.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 8 letters
-- ARGV[2]  the fence, 20 digits and not zero; for IF_FREE a ballot, else a lock's
-- ARGV[3]  UNLESS_PRESENT: an entry answers the claim; ALWAYS: it is hidden; IF_FREE: an entry
--          answers the claim, and so does any other claim
-- ARGV[4]  the life of the claim in ms
-- ARGV[5]  the life of the floor that a hidden entry leaves in ms; 0: it leaves none
-- ARGV[6]  the length of the longest slot that is returned; a longer one is hidden
--
-- Answers  CLAIMED and the highest version known, 20 digits
--          LOST and the slot's bytes: a claim holds it that does not give way; unchanged
--          HIT and the slot's bytes: it holds an entry, and is unchanged

local key, fence, mode, claim_ms, floor_ms = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local longest = tonumber(ARGV[6])
local slot = read(key)

-- A ballot is lower than every lock's fence.
local in_the_way = slot.fence > fence
if mode == 'UNLESS_PRESENT' then
  -- Safeguard BALLOT_STANDS: its load is under way, and would be refused after its query.
  in_the_way = in_the_way or is_ballot(slot.fence)
elseif mode == 'IF_FREE' then
  -- Safeguard IF_FREE: ballots have no order, and two loads that take turns both query.
  in_the_way = slot.fence ~= NO_FENCE and slot.fence ~= fence
end
if in_the_way then
  return { 'LOST', slot.bytes }
end
if mode ~= 'ALWAYS' and is_entry(slot) and #slot.bytes <= longest then
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
