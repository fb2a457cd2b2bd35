-- lock-renew.lua: extends the caller's own holding by a whole life from now.
--
-- KEYS[1]  the lock, see lock-acquire.lua
-- ARGV[1]  the token of the holding
-- ARGV[2]  its life in ms
--
-- Answers  1, or 0 if the lock is not this holding's; then it is unchanged

local value = redis.pcall('GET', KEYS[1])

if type(value) == 'table' then
  -- Another type is at the key, or this user may not read it.
  return string.sub(value.err, 1, 9) == 'WRONGTYPE' and 0 or value
end
if value and string.sub(value, 2) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
