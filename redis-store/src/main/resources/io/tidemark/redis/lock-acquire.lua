-- lock-acquire.lua: acquires the lock of a key if it is free.
--
-- KEYS[1]  the lock: a string of one letter and the token of its holder, with the rest of its life
--          as its time to live. The letter is A while the holder is alone, and W once another
--          client was answered HELD, and may wait.
-- ARGV[1]  the token of this attempt; no other has it
-- ARGV[2]  the life of the holding in ms
--
-- Answers  ACQUIRED and the fence: this server's time in microseconds since 1970. Also if the lock
--          is this attempt's already, because the client lost the answer and sent it again
--          HELD, the token of the holder, and the rest of its life in ms; the letter is W then
--
-- A lock is a string as above, with a token of 36 hexadecimal digits and dashes, or the 16 digits
-- of one of OptimisticRedisLocks. Any other value is not a lock: it is replaced, and the answer has
-- FOREIGN after the fence.
--
-- The fence is built from digits. As a Lua number it would be exact, being below 2^53, but would be
-- written with an exponent.
--
-- The one command that changes something is the last, after all that the server may refuse: a user
-- that may not read the time, for example, leaves no lock behind.

local lock, token, life_ms = KEYS[1], ARGV[1], ARGV[2]

local function is_lock(value)
  return type(value) == 'string'
    and ((#value == 37 and string.find(value, '^[AW][0-9a-f-]+$'))
      or (#value == 16 and string.find(value, '^[0-9]+$')))
end

local now = redis.call('TIME')
local fence = now[1] .. string.rep('0', 6 - #now[2]) .. now[2]
local value = redis.pcall('GET', lock)

if type(value) == 'table' and string.sub(value.err, 1, 9) ~= 'WRONGTYPE' then
  return value
end
local foreign = value and not is_lock(value)
if foreign or not value then
  redis.call('SET', lock, 'A' .. token, 'PX', life_ms)
  return { 'ACQUIRED', fence, foreign and 'FOREIGN' or nil }
end

local holder = string.sub(value, 2)
if holder == token then
  return { 'ACQUIRED', fence }
end

local remaining_ms = redis.call('PTTL', lock)
if remaining_ms < 0 then
  -- A tool that copies keys has dropped the time to live, and the holder may be gone.
  redis.call('SET', lock, 'W' .. holder, 'PX', life_ms)
  remaining_ms = tonumber(life_ms)
elseif string.sub(value, 1, 1) == 'A' then
  redis.call('SETRANGE', lock, 0, 'W')
end
return { 'HELD', holder, remaining_ms }
