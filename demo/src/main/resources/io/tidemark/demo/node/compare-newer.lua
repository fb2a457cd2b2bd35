-- How it is often done, and why that is not enough: store a value if it is newer than the one
-- that is there. Nothing there counts as older, so once the newer value was evicted, a late writer
-- stores a stale one.
-- KEYS[1]  the entry: a hash of version and payload
-- ARGV[1]  the version, 19 digits
-- ARGV[2]  the payload
-- Answers accepted or refused.
local version = redis.call('HGET', KEYS[1], 'version')
if version and version >= ARGV[1] then
  return 'refused'
end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'payload', ARGV[2])
return 'accepted'
