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
 * Locks on one Redis without scripts. The value of a lock is the version of its owner, and only the
 * owner of that version deletes it. Thread-safe. If you may run scripts, {@link RedisLocks} does
 * the same in one round trip instead of five.
 *
 * <p>The usual release is a GET, a comparison, and a DEL. Between the GET and the DEL the lock may
 * expire and be acquired by another process, whose lock the DEL then deletes. These locks watch the
 * key (WATCH) before the GET, and send the DEL in a transaction (MULTI, EXEC) that fails if the key
 * has changed since. They acquire and renew likewise. See <a
 * href="https://redis.io/docs/latest/develop/using-commands/transactions/">Transactions</a>.
 *
 * <p>The version is the server's time in microseconds, read while the key is watched and free. It
 * is also the fence. (Two processes with clocks of their own could choose the same version, or a
 * lower one than the last.)
 *
 * <p><b>What it does not promise</b> is the same as for {@link RedisLocks}, also regarding clocks.
 * In addition, there are no messages: waiting processes check the lock after pauses that grow up to
 * {@code pollInterval}. It works on one server or one primary, not on a cluster.
 *
 * <p>Requests run on daemon threads of these locks, with the same limits as in {@link RedisLocks}.
 * The key of a lock has the same name, so that both kinds exclude each other while a fleet changes
 * from one to the other. A process that waits for a lock of the other kind gets no message, and may
 * wait for a life.
 */
public final class OptimisticRedisLocks implements LockProvider, AutoCloseable {
  private final LeaseLocks locks;

  private OptimisticRedisLocks(
      RedisClient client, RedisLocksBuilder<OptimisticRedisLocks> options) {
    ScheduledExecutorService timer = LockRequests.newTimer();
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
   * Creates locks with the default options.
   *
   * @param client as for {@link #builder}
   */
  public static OptimisticRedisLocks create(RedisClient client) {
    return builder(client).build();
  }

  /**
   * Starts a builder.
   *
   * @param client closed by the caller, after these locks. Its timeouts end requests that Redis
   *     does not answer
   * @throws IllegalArgumentException if the client has a cache of its own
   * @throws IllegalStateException if Jedis is older than 7.4
   */
  public static RedisLocksBuilder<OptimisticRedisLocks> builder(RedisClient client) {
    RedisClient checked = JedisCheck.checked(client);
    return new RedisLocksBuilder<>(options -> new OptimisticRedisLocks(checked, options));
  }

  /**
   * Acquires a key's lock if it is free. Takes five round trips, or three if the lock is held.
   *
   * @throws io.tidemark.UnavailableException as {@link RedisLocks#tryAcquire} does
   * @throws InterruptedException as {@link RedisLocks#tryAcquire} does
   * @throws io.tidemark.RefusedException as {@link RedisLocks#tryAcquire} does
   */
  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    return locks.tryAcquire(key, deadline);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The description is the version of the holding and when it ends, which is all that a lock
   * contains.
   */
  @Override
  public Optional<String> holder(SlotKey key, Deadline deadline) throws InterruptedException {
    return locks.holder(key, deadline);
  }

  /** Names the provider and the life of its locks, for people. */
  @Override
  public String toString() {
    return "OptimisticRedisLocks (" + locks + ")";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Checks the pool and tries a lock, as {@link RedisLocks#check} does.
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
