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
 * Locks on a majority of several independent Redis servers, by the algorithm that is published as
 * Redlock: <a
 * href="https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/">Distributed Locks
 * with Redis</a>. Thread-safe. For fleets that have no ZooKeeper and want locks while one of three,
 * or two of five, servers are away.
 *
 * <p>An attempt asks all servers at once, each as {@link RedisLocks} do. It has the lock when a
 * majority gave it, and something is left of its life after the time that this took and a drift of
 * the clocks of 1 % of the life and 2 ms. Otherwise, and in the end, it is given back on every
 * server, also on those whose answer was lost. A server that is silent for a tenth of the life
 * counts as away. A holder renews its lock on a majority.
 *
 * <p><b>What it does not promise.</b> Martin Kleppmann has shown in <a
 * href="https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html">How to do
 * distributed locking</a> (2016) that such a lock keeps nobody from acting twice: a holder that
 * pauses, or whose packets are delayed, goes on after its life ended; a clock that jumps ends a
 * life too early; and the algorithm has no fence for the resource to check. A server that restarts
 * without its data has forgotten its holders, so that another majority can be found at once: keep
 * it away for longer than the life, or let it write every change to disk ({@code appendfsync
 * always}). All of that is true here too, and costs a second load, never a stale value: a load
 * needs a live claim in the store, whose fence the store compares, and versions decide what is
 * newer. That is the check that he asks for. Do not use it where a lock alone must keep order.
 *
 * <p>The fence is the latest of the times of the servers that gave the lock, together with the
 * place of that server in the list, so that two servers never give the same one; a server itself
 * gives each of its times once while its clock is not set back. If the clocks of the servers agree,
 * a later holding has a larger fence. If they differ, two majorities can differ by as much: a lower
 * fence than that of a claim that is still alive loses against it until the claim expires. That
 * costs time. It is rare, because a holder that is done leaves no claim.
 *
 * <p>Nobody is told when a lock is given back: who waits looks after pauses of random length that
 * grow up to {@code pollInterval}, which is the retry delay of the algorithm. The deadline takes
 * the place of its retry count.
 *
 * <p>Requests run on daemon threads of these locks, at most {@value LockServer#THREADS} for each
 * server, with the same limits as those of {@link RedisLocks}.
 */
public final class Redlock implements LockProvider, AutoCloseable {
  private final LeaseLocks locks;

  private Redlock(List<UnifiedJedis> clients, RedisLocksBuilder<Redlock> options) {
    ScheduledExecutorService timer = LockServer.newTimer();
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
   * Locks with the default options.
   *
   * @param clients as for {@link #builder}
   */
  public static Redlock create(List<? extends UnifiedJedis> clients) {
    return builder(clients).build();
  }

  /**
   * Begins to set options.
   *
   * @param clients one of each server, in the same order in every process; an odd number, at least
   *     three, or a majority is no better than one server. The servers must be masters that do not
   *     replicate each other. The clients stay the caller's: close them after these locks
   * @throws IllegalArgumentException if there are none or more than 31, if one is there twice, or
   *     if one has a cache of its own
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
          "clients has the same client twice; each must be of another server");
    }
    copy.forEach(RedisStore::checkUncached);
    return new RedisLocksBuilder<>(options -> new Redlock(copy, options));
  }

  /**
   * Takes the lock of a key if nobody has it: one round trip to all servers at once.
   *
   * @throws io.tidemark.UnavailableException if too few servers answer for a majority, or not by
   *     the deadline. The lock is not held then: what servers grant all the same is given back in
   *     the background, or ends with its life
   * @throws InterruptedException if the thread is interrupted; likewise
   * @throws io.tidemark.RefusedException if these locks were closed before, or if too few servers
   *     are left for a majority because the clients of the others were closed, or they say no
   */
  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    return locks.tryAcquire(key, deadline);
  }

  /**
   * {@inheritDoc}
   *
   * <p>It is named by the token of its holding and by when that ends, which is all that a lock
   * holds.
   */
  @Override
  public Optional<String> holder(SlotKey key, Deadline deadline) throws InterruptedException {
    return locks.holder(key, deadline);
  }

  /** What it is and how long its locks live, for people. */
  @Override
  public String toString() {
    return "Redlock (" + locks + ")";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Does what {@link RedisLocks#check} does, with each server. What is not found of all of them
   * names its clients by their places, from 1.
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

  /** Gives back every lock that is held, and ends, as {@link RedisLocks#close} does. */
  @Override
  public void close() {
    locks.close();
  }
}
