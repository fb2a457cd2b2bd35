/**
 * Slots and locks in Redis, by Jedis and Lua.
 *
 * <ul>
 *   <li>{@link io.tidemark.redis.RedisStore}: the store. Start here.
 *   <li>{@code SlotFormat}: the bytes of a slot, as Java reads them; {@code slot.lua} is the same
 *       in Lua, and writes them.
 *   <li>{@code Script}: one Lua file per verb, run by its hash.
 *   <li>{@code RedisClock}: the server's time, for how long an entry is still fresh.
 *   <li>{@code ClientPools}: a client's connections: those that a restart breaks, and their limits.
 *   <li>{@code RedisSetup}: what is wrong with the servers, of which {@code Master} is one.
 *   <li>{@code JedisFailures}: what a failed command has done, from what Jedis throws.
 * </ul>
 *
 * <p>Locks that end with their life, for whom ZooKeeper is too much:
 *
 * <ul>
 *   <li>{@link io.tidemark.redis.RedisLocks}: on one Redis, by scripts.
 *   <li>{@link io.tidemark.redis.OptimisticRedisLocks}: the same without scripts.
 *   <li>{@link io.tidemark.redis.Redlock}: on a majority of several.
 *   <li>{@code LeaseLocks}: how callers get an answer by their deadlines, and how holdings are
 *       renewed. {@code Lease} is one attempt, as {@code ServerLease} makes it on one {@code
 *       LockServer}, and {@code QuorumLease} on several {@code LockServers}.
 *   <li>{@code LockCommands}: the requests that block; {@code ScriptedLocks} and {@code
 *       WatchedLocks} make them.
 *   <li>{@code Watches}: how callers wait for a holder; {@code ReleaseMessages}: how they are told.
 * </ul>
 */
@NullMarked
package io.tidemark.redis;

import org.jspecify.annotations.NullMarked;
