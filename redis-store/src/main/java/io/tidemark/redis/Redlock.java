package io.tidemark.redis;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import redis.clients.jedis.UnifiedJedis;

/**
 * Locks on a majority of several independent Redis servers, by the published Redlock algorithm: <a
 * href="https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/">Distributed Locks
 * with Redis</a>. Thread-safe. For fleets that do not run ZooKeeper and need locks while one of
 * three servers, or two of five, are down.
 *
 * <p>An attempt asks all servers at once, each as {@link RedisLocks} does. It acquires the lock if
 * a majority grants it and the time that this took, plus 1 % of the life and 2 ms for the drift of
 * clocks, is less than the life. A failed attempt and a closed holding are released on every
 * server, including those whose answer was lost. A server that is silent for a tenth of the life
 * counts as down. A holder renews its lock on a majority.
 *
 * <p><b>What it does not promise.</b> Martin Kleppmann has shown in <a
 * href="https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html">How to do
 * distributed locking</a> (2016) that such a lock does not prevent two holders from acting at once:
 * a holder that pauses, or that has its packets delayed, goes on after its life has ended; a clock
 * that jumps ends a life too early; and the algorithm has no fence for the resource to check. A
 * server that restarts without its data forgets its holders, so that another majority can form at
 * once: keep it down for longer than the life, or let it write every change to disk ({@code
 * appendfsync always}). All of that is true here too. It costs a second load, but never serves a
 * stale value: a load needs a live claim in the store, the store compares its fence, and versions
 * decide what is newer. That is the check that Kleppmann asks for. Do not use this where the lock
 * alone must keep order.
 *
 * <p>The fence is the latest time of the servers that granted the lock, combined with the place of
 * that server in the list, so that two servers never give the same fence. One server gives each of
 * its times once, unless its clock is set back. If the clocks of the servers agree, a later holding
 * has a larger fence. If they differ, a later holding may get a fence that is lower by as much; it
 * loses against a live claim with a larger fence until that claim expires. That costs time, and is
 * rare, because a holder that has finished leaves no claim.
 *
 * <p>There are no messages about released locks: waiting processes check after pauses of random
 * length that grow up to {@code pollInterval}, the algorithm's retry delay. The deadline replaces
 * its retry count.
 *
 * <p>Requests run on daemon threads of these locks, at most {@value LockRequests#THREADS} for each
 * server, with the same limits as in {@link RedisLocks}.
 */
public final class Redlock implements LockProvider, AutoCloseable {
  private final LeaseLocks locks;

  private Redlock(List<UnifiedJedis> clients, RedisLocksBuilder<Redlock> options) {
    ScheduledExecutorService timer = LockRequests.newTimer();
    LockServers servers =
        new LockServers(
            clients.stream()
                .map(
                    jedis ->
                        new LockServer(
                            jedis, new ScriptedLocks(jedis, options.life()), options.life(), timer))
                .toList(),
            options.life());
    this.locks =
        new LeaseLocks(
            servers,
            new Watches(servers, options.pollInterval(), timer, null),
            options.life(),
            timer);
  }

  /**
   * Creates locks with the default options.
   *
   * @param clients as for {@link #builder}
   */
  public static Redlock create(List<? extends UnifiedJedis> clients) {
    return builder(clients).build();
  }

  /**
   * Starts a builder.
   *
   * @param clients one per server, in the same order in every process. Use an odd number, at least
   *     three: with fewer, a majority is no better than one server. The servers must be masters
   *     that do not replicate each other. The caller closes the clients after these locks
   * @throws IllegalArgumentException if there are none or more than 31, if one is listed twice, or
   *     if one has a cache of its own, or is a client of a cluster other than a RedisClusterClient
   * @throws IllegalStateException if Jedis is older than 7.4
   */
  public static RedisLocksBuilder<Redlock> builder(List<? extends UnifiedJedis> clients) {
    List<UnifiedJedis> copy = List.copyOf(clients);
    if (copy.isEmpty() || copy.size() > QuorumLease.MOST_SERVERS) {
      throw new IllegalArgumentException(
          "clients has %d; it must have 1 to %d".formatted(copy.size(), QuorumLease.MOST_SERVERS));
    }
    Set<UnifiedJedis> different = Collections.newSetFromMap(new IdentityHashMap<>());
    different.addAll(copy);
    if (different.size() < copy.size()) {
      throw new IllegalArgumentException(
          "clients has the same client twice; each must be for a different server");
    }
    copy.forEach(JedisCheck::checked);
    return new RedisLocksBuilder<>(options -> new Redlock(copy, options));
  }

  /**
   * Acquires a key's lock if it is free, in one round trip to all servers at once.
   *
   * @throws io.tidemark.UnavailableException if too few servers answer for a majority, or not by
   *     the deadline. The lock is not held then: what servers grant all the same is released in the
   *     background, or ends with its life
   * @throws InterruptedException if the thread is interrupted; the lock is not held then either
   * @throws io.tidemark.RefusedException if these locks were closed before, or if too few servers
   *     are left for a majority because the others refuse or their clients were closed
   */
  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    return locks.tryAcquire(key, deadline);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The description is the token of the holding and when it ends, which is all that a lock
   * contains.
   */
  @Override
  public Optional<String> holder(SlotKey key, Deadline deadline) throws InterruptedException {
    return locks.holder(key, deadline);
  }

  /** Names the provider and the life of its locks, for people. */
  @Override
  public String toString() {
    return "Redlock (" + locks + ")";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Checks the pool and tries a lock, as {@link RedisLocks#check} does, for each server. A
   * finding that does not concern all servers names its clients by their places, from 1.
   */
  @Override
  public List<Finding> check(String cache) {
    return locks.check(cache);
  }

  /** The life of a lock. */
  @Override
  public Optional<Duration> crashNoticedWithin() {
    return locks.crashNoticedWithin();
  }

  /** Releases every lock that is held, as {@link RedisLocks#close} does. */
  @Override
  public void close() {
    locks.close();
  }
}
