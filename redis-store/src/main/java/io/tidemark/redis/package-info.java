/**
 * Slots and locks in Redis, with Jedis and Lua.
 *
 * <p>The store; begin with {@link io.tidemark.redis.RedisStore}:
 *
 * <ul>
 *   <li>{@code Script}: runs a Lua file by its hash. {@code SlotScripts} has one for each verb,
 *       which gets its {@code Arguments} and writes the slot. {@code ScriptCalls} makes a {@code
 *       ScriptCall}, or many of them.
 *   <li>{@code SlotReads}: reads a slot, or many. {@code LimitedMget} and {@code Pipelines}, with a
 *       {@code ServerShare} for each server: send what is for many slots.
 *   <li>{@code Lineage}: tells what a server has written from what a failover brought back; {@code
 *       lineage.lua} does the same. {@code Lineages}: those that a store has met.
 *   <li>{@code SlotFormat}: reads the bytes of a slot, which {@code slot.lua} describes and writes.
 *       {@code RedisClock}: the server's time, which tells it what has ended, as a {@code
 *       SlotClock}.
 *   <li>{@code ClientPools}: the connections of a client; {@code ConnectionFailures}: whether one
 *       broke. {@code JedisFailures}: what a failed command has done. {@code Providers}: what Jedis
 *       7 and 8 do in different ways.
 *   <li>{@code JedisCheck}: refuses a client, or a Jedis, that cannot be used.
 *   <li>{@code RedisSetup}: {@code check()}, for each {@code Master}.
 * </ul>
 *
 * <p>Locks that end with their life: {@link io.tidemark.redis.RedisLocks} on one Redis, {@link
 * io.tidemark.redis.OptimisticRedisLocks} without scripts, and {@link io.tidemark.redis.Redlock} on
 * a majority of several. Each is {@code LeaseLocks} with parts of its own; begin with those:
 *
 * <ul>
 *   <li>{@code LeaseLocks}: the provider. A {@code Lease} is one attempt and its holding, from a
 *       {@code LeaseService}. No method of these blocks.
 *   <li>{@code LockServer} makes a {@code ServerLease} on one server, which keeps a {@code
 *       LeaseState}; {@code LockServers} makes a {@code QuorumLease} on several, and {@code
 *       Majority} combines their answers.
 *   <li>{@code LockRequests}: the threads that send the {@code LockCommands}, which block and end
 *       in a {@code LockReply} or a {@code LockOwner}. {@code ScriptedLocks} and {@code
 *       WatchedLocks} are the two kinds.
 *   <li>{@code Watches}: lets callers wait for a holder; {@code ReleaseMessages}: how they hear of
 *       its release.
 * </ul>
 */
@NullMarked
package io.tidemark.redis;

import org.jspecify.annotations.NullMarked;
