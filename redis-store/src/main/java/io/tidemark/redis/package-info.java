/**
 * Slots in Redis, by Jedis and Lua.
 *
 * <ul>
 *   <li>{@link io.tidemark.redis.RedisStore}: the store. Start here.
 *   <li>{@code SlotFormat}: the bytes of a slot, as Java reads them; {@code slot.lua} is the same
 *       in Lua, and writes them.
 *   <li>{@code Script}: one Lua file per verb, run by its hash.
 *   <li>{@code RedisClock}: the server's time, for how long an entry is still fresh.
 *   <li>{@code IdleConnections}: the pooled connections that a restart of the server breaks.
 *   <li>{@code Failures}: what a failed command has done, from what Jedis throws.
 * </ul>
 */
@NullMarked
package io.tidemark.redis;

import org.jspecify.annotations.NullMarked;
