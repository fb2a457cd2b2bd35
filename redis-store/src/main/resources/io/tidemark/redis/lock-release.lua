-- lock-release.lua: gives the caller's own holding back, and tells those who may wait for it.
--
-- KEYS[1]  the lock, see lock-acquire.lua
-- ARGV[1]  the token of the holding
-- ARGV[2]  the channel, which gets the token
--
-- Answers  1, or 0 if the lock is not this holding's; then it is unchanged

local value = redis.pcall('GET', KEYS[1])

if type(value) == 'table' then
  -- Something else has taken the lock's place, or the user may not look.
  return string.sub(value.err, 1, 9) == 'WRONGTYPE' and 0 or value
end
if value and string.sub(value, 2) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  if string.sub(value, 1, 1) == 'W' then
    -- Without the right to publish the lock is given back all the same: those who wait also look.
    redis.pcall('PUBLISH', ARGV[2], ARGV[1])
  end
  return 1
end
return 0
