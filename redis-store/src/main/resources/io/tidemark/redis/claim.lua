-- claim.lua: claims a slot before a load or a write.
--
-- KEYS[1]  the slot
-- ARGV[1]  the writer, 8 letters
-- ARGV[2]  the fence, 20 digits and not zero; for IF_FREE a ballot, else a lock's
-- ARGV[3]  UNLESS_PRESENT: a fresh entry answers the claim, and an expired one is reserved; ALWAYS: it
--          is hidden; IF_FREE: as UNLESS_PRESENT, and any other claim answers the claim as well
-- ARGV[4]  the life of the claim in ms
-- ARGV[5]  the life of the floor that a hidden entry leaves in ms; 0: it leaves none
-- ARGV[6]  the length of the longest payload; a slot with a longer one is hidden
--
-- Answers  CLAIMED, the highest version known, 20 digits, and the lineage of the slot now
--          RESERVED and the version or the floor of the expired entry, 20 digits; that stays
--          LOST and the slot's header: a claim or a reservation does not give way; unchanged
--          HIT and the slot's bytes: it holds a fresh entry, and is unchanged

local key, fence, mode, claim_ms, floor_ms = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local longest = tonumber(ARGV[6])
local slot = read(key)
local answers = mode ~= 'ALWAYS' and is_entry(slot) and #payload_of(slot) <= longest
if answers and not slot.expired then
  return { 'HIT', slot.bytes }
end

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
  return { 'LOST', string.sub(slot.bytes, 1, slot.header_length) }
end
if answers then
  -- Safeguard RESERVE_EXPIRED: other loads do not see one that leaves no mark.
  local mark = mark_of(fence, moment(NOW_MS + claim_ms), NOW_S, WRITER)
  local refusal = redis.pcall('SETRANGE', key, slot.mark_at, mark)
  -- A full server has no room for it. Without it there may be more loads, and no other answers.
  if type(refusal) == 'table' and not string.find(refusal.err, 'OOM command', 1, true) then
    error(refusal.err)
  end
  return { 'RESERVED', slot.floor }
end

local floor, floor_end
if is_claim_of(fence, slot) then
  floor, floor_end = slot.floor, slot.floor_end
else
  floor, floor_end = floor_of(slot, floor_ms)
end
leave_claim(slot, key, fence, claim_ms, floor, floor_end)
return { 'CLAIMED', is_entry(slot) and slot.floor or floor, LINEAGE }
