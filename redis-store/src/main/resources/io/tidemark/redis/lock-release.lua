-- lock-release.lua: releases the caller's own holding, and tells waiting clients.
--
-- KEYS[1]  the lock, see lock-acquire.lua
-- ARGV[1]  the token of the holding
-- ARGV[2]  the channel that the token is published to
--
-- Answers  1, or 0 if the lock is not this holding's; then it is unchanged

local value = redis.pcall('GET', KEYS[1])

if type(value) == 'table' then
  -- Another type is at the key, or this user may not read it.
  return string.sub(value.err, 1, 9) == 'WRONGTYPE' and 0 or value
end
if value and string.sub(value, 2) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  if string.sub(value, 1, 1) == 'W' then
    -- The lock is released even if this user may not publish: waiting clients also look.
    redis.pcall('PUBLISH', ARGV[2], ARGV[1])
  end
  return 1
end
return 0
