-- lock-acquire.lua: takes the lock of a key if nobody has it.
--
-- KEYS[1]  the lock: a string of one letter and the token of its holder, with the rest of its life
--          as its time to live. The letter is A while the holder is alone, and W once somebody was
--          told that the lock is held, and may wait for it.
-- ARGV[1]  the token of this attempt, which no other has
-- ARGV[2]  the life of the holding in ms
--
-- Answers  ACQUIRED and the fence: this server's time in microseconds since 1970. Also if the lock
--          is this attempt's already, because a client that lost the answer has sent it again
--          HELD, the token of the holder, and the rest of its life in ms; the letter is W after it
--
-- The fence is put together as digits: it would fit into a Lua number, which is exact up to 2^53,
-- but would be written with an exponent.

local lock, token, life_ms = KEYS[1], ARGV[1], ARGV[2]

local is_new = redis.call('SET', lock, 'A' .. token, 'NX', 'PX', life_ms)
local value = redis.call('GET', lock)
local holder = string.sub(value, 2)

if is_new or holder == token then
  local now = redis.call('TIME')
  return { 'ACQUIRED', now[1] .. string.rep('0', 6 - #now[2]) .. now[2] }
end
if string.sub(value, 1, 1) == 'A' then
  redis.call('SETRANGE', lock, 0, 'W')
end
return { 'HELD', holder, redis.call('PTTL', lock) }
