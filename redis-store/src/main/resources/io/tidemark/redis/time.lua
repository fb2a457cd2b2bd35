-- time.lua: reads the time of the server that holds a slot.
--
-- KEYS[1]  the slot, which is not read
--
-- Answers  as TIME does

return redis.call('TIME')
