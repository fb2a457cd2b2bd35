-- lineage.lua: the lineage of this server. It stands in front of slot.lua.
--
-- A server that takes over from another, or restarts, brings back an earlier state of its slots, which
-- may be arbitrarily old. It also has a new replication id. The first 8 digits of that are the lineage
-- that each slot is written in, and a slot of another lineage is lost: see lost in slot.lua.
--
-- A replica has the id of its master, so it must not answer, even if nothing is to be written. Nor
-- must a master that has lost all of the replicas that it needs (min-replicas-to-write): another may
-- have taken over. Redis itself refuses only writes there.

local REPLICATION = redis.call('INFO', 'replication')
-- Safeguard ONLY_MASTERS_COUNT: a replica may lag behind the master whose id it has.
if string.find(REPLICATION, 'role:slave', 1, true) then
  return redis.error_reply('READONLY This server is a replica.')
end
-- Safeguard ENOUGH_REPLICAS: one that was cut off may have been replaced.
if string.find(REPLICATION, 'min_slaves_good_slaves:0', 1, true) then
  return redis.error_reply('NOREPLICAS This master has no replica that keeps up.')
end
local _, AT = string.find(REPLICATION, 'master_replid:', 1, true)
local LINEAGE = AT and string.sub(REPLICATION, AT + 1, AT + 8)
if not LINEAGE then
  return redis.error_reply('ERR INFO replication has no master_replid; see failover(KEEP)')
end

local function is_present(lineage)
  return lineage == LINEAGE
end
