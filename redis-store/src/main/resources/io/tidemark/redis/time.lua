-- time.lua: asks for the time of the server that holds a slot.
--
-- KEYS[1]  the slot, which is not looked at
--
-- Answers  what TIME does

return redis.call('TIME')
