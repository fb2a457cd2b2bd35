package io.tidemark.redis;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import redis.clients.jedis.RedisClient;

/**
 * Locks on one Redis that runs no scripts: the value of a lock is the version of its owner, and
 * only the owner of that version deletes it. Thread-safe. Where scripts may be run, {@link
 * RedisLocks} do the same in one round trip instead of five.
 *
 * <p>The pattern is known with a release that is a GET, a comparison, and a DEL. Between the GET
 * and the DEL the life of the lock may end and another may take it, and the DEL then deletes the
 * other's lock. Here the key is watched (WATCH) before the GET, and the DEL is a transaction
 * (MULTI, EXEC) that fails if the key has changed since; taking and renewing are done likewise. See
 * <a href="https://redis.io/docs/latest/develop/using-commands/transactions/">Transactions</a>.
 *
 * <p>The version is the server's time in microseconds, read while the key is watched and free, and
 * it is the fence. (A version from the clocks of the processes could be another's, and could be
 * lower than the one before.)
 *
 * <p><b>What it does not promise</b> is what {@link RedisLocks} do not promise, its words on clocks
 * included. Besides, nothing tells those who wait: they look after pauses that grow up to {@code
 * pollInterval}, and have the lock that much later. It works on one server or one primary, not on a
 * cluster.
 *
 * <p>Requests run on daemon threads of these locks, with the same limits as those of {@link
 * RedisLocks}. The key of a lock has the same name, so that both kinds exclude each other while a
 * fleet changes over; but nobody is told of the end of the other kind's, and may wait a life.
 */
public final class OptimisticRedisLocks implements LockProvider, AutoCloseable {
  private final LeaseLocks locks;

  private OptimisticRedisLocks(
      RedisClient client, RedisLocksBuilder<OptimisticRedisLocks> options) {
    ScheduledExecutorService timer = LockServer.newTimer();
    LockServer server =
        new LockServer(client, new WatchedLocks(client, options.life()), options.life(), timer);
    this.locks =
        new LeaseLocks(
            server,
            new Watches(server, options.pollInterval(), timer, null),
            options.life(),
            timer);
  }

  /**
   * Locks with the default options.
   *
   * @param client as for {@link #builder}
   */
  public static OptimisticRedisLocks create(RedisClient client) {
    return builder(client).build();
  }

  /**
   * Begins to set options.
   *
   * @param client stays the caller's: close it after these locks. Its timeouts end requests that
   *     Redis does not answer
   * @throws IllegalArgumentException if the client has a cache of its own
   */
  public static RedisLocksBuilder<OptimisticRedisLocks> builder(RedisClient client) {
    RedisClient uncached = RedisStore.checkUncached(client);
    return new RedisLocksBuilder<>(options -> new OptimisticRedisLocks(uncached, options));
  }

  /**
   * Takes the lock of a key if nobody has it: five round trips, or three if somebody has it.
   *
   * @throws io.tidemark.UnavailableException as {@link RedisLocks#tryAcquire} does
   * @throws InterruptedException likewise
   * @throws io.tidemark.RefusedException likewise
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
    return "OptimisticRedisLocks (" + locks + ")";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Does what {@link RedisLocks#check} does.
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
