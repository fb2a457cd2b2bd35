package io.tidemark.redis;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import redis.clients.jedis.Connection;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Locks on one Redis, or one cluster: a key with a time to live, set if there is none, and deleted
 * by a script that checks whose it is. Thread-safe. For fleets that have no ZooKeeper: a lock costs
 * one round trip, and there is one server fewer to run.
 *
 * <p><b>What it does not promise.</b> It is a lease. A holder that stops for longer than the life
 * of its lock loses it without notice, and so does everybody when Redis is flushed, evicts the key,
 * is restarted without its data, or fails over to a replica that had not heard of the lock. Then
 * two processes load one key at once. That costs a load, and never a stale value: safety rests on
 * the claim in the store, not on the lock. A critical section of your own has no such claim.
 *
 * <p>The fence is the server's time in microseconds, taken when the lock is. Between two holdings
 * of a key lie at least two requests, so that no two have the same fence and a later one has a
 * larger one, for as long as the server's clock is not set back. It survives a flush, which a
 * counter in Redis would not. When the clock is set back, or a failover leads to a server whose
 * clock is behind, a new fence can be lower than one of a claim that is still alive; it then loses
 * against that claim until the claim expires, which costs its caller that time. For two fences to
 * be the same, the clock would have to be set back to the microsecond. Keep the clocks of the
 * servers disciplined.
 *
 * <p>The lock of a key is one string, {@code tidemark-lock:<cache>:<key>}. {@link
 * RedisStore#clear(String)} leaves it alone.
 *
 * <p>A waiter is told by a message when the lock is given back, and looks once a second, and when
 * the life of a holder that crashed should be over. The messages take one connection to the server,
 * made with the client's options and outside its pool, from the first wait on; while they cannot be
 * heard, and with a client that is neither a {@code RedisClient}, a {@code RedisClusterClient} nor
 * a {@code RedisSentinelClient}, it looks after growing pauses instead. However many wait, they
 * need no connection or thread each.
 *
 * <p>A request whose connection breaks, as after a restart of Redis, is sent once more on a new
 * one.
 *
 * <p>Requests run on daemon threads of these locks, at most {@value LockServer#THREADS}, each of
 * which may use a connection of the client. So callers are back by their deadlines although the
 * client has timeouts of its own; a thread may stay behind until those pass. At most {@value
 * LeaseLocks#MAX_ATTEMPTS} attempts are under way at once; further ones queue within their
 * deadline.
 */
public final class RedisLocks implements LockProvider, AutoCloseable {
  private final LeaseLocks locks;
  private final UnifiedJedis jedis;
  private final ClientPools pools;

  private RedisLocks(UnifiedJedis jedis, RedisLocksBuilder<RedisLocks> options) {
    ScheduledExecutorService timer = LockServer.newTimer();
    LockServer server =
        new LockServer(jedis, new ScriptedLocks(jedis, options.life()), options.life(), timer);
    this.jedis = jedis;
    this.pools = server.pools();
    ReleaseMessages messages =
        pools.areShown() ? new ReleaseMessages(pools::newConnection, timer) : null;
    this.locks =
        new LeaseLocks(
            server,
            new Watches(server, options.pollInterval(), timer, messages),
            options.life(),
            timer);
  }

  /**
   * Locks with the default options.
   *
   * @param jedis as for {@link #builder}
   */
  public static RedisLocks create(UnifiedJedis jedis) {
    return builder(jedis).build();
  }

  /**
   * Begins to set options.
   *
   * @param jedis sends every command to the master that owns the key, and stays the caller's: close
   *     it after these locks. Its timeouts end requests that Redis does not answer
   * @throws IllegalArgumentException if the client has a cache of its own
   */
  public static RedisLocksBuilder<RedisLocks> builder(UnifiedJedis jedis) {
    UnifiedJedis uncached = RedisStore.checkUncached(jedis);
    return new RedisLocksBuilder<>(options -> new RedisLocks(uncached, options));
  }

  /**
   * Takes the lock of a key if nobody has it: one round trip.
   *
   * @throws io.tidemark.UnavailableException if Redis cannot be reached, refuses, loses its answer,
   *     or does not answer by the deadline. The lock is not held then: what Redis grants all the
   *     same is given back in the background, or ends with its life
   * @throws InterruptedException if the thread is interrupted; likewise
   * @throws io.tidemark.RefusedException if these locks or their client were closed before, or the
   *     server says no
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
    return "RedisLocks (" + locks + ")";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Looks at the pool of the client, and tries out a lock that nobody else asks for, and the
   * messages, so that a command which the user may not give is found now; in a cluster, at each
   * master, which the finding names.
   */
  @Override
  public List<Finding> check(String cache) {
    List<Finding> findings = new ArrayList<>(locks.check(cache));
    if (pools.areShown()) {
      findings.addAll(checkMessages(findings.stream().map(Finding::subject).toList()));
    }
    return List.copyOf(findings);
  }

  private List<Finding> checkMessages(List<String> foundWanting) {
    if (foundWanting.contains(LockServer.SUBJECT)) {
      return List.of();
    }
    return Master.of(jedis).stream()
        .filter(master -> !foundWanting.contains(master.named(LockServer.SUBJECT)))
        .flatMap(master -> checkMessages(master).stream())
        .toList();
  }

  private static Optional<Finding> checkMessages(Master master) {
    try (Connection opened = master.newConnection()) {
      ReleaseMessages.tryOut(opened);
      return Optional.empty();
    } catch (JedisException e) {
      return Optional.of(
          Finding.warning(
              master.named("Redis messages"),
              "those who wait for a lock may hear of its end late: " + JedisFailures.words(e),
              "let this user publish and subscribe to '" + ScriptedLocks.CHANNEL + "'"));
    }
  }

  /** The life of a lock. */
  @Override
  public Optional<Duration> crashNoticedWithin() {
    return locks.crashNoticedWithin();
  }

  /**
   * Gives back every lock that is held, and ends. Does not block: the locks become free in the
   * background, or at the end of their life where Redis does not answer at once or the client is
   * closed first. Calls under way throw {@link io.tidemark.UnavailableException}. Again without
   * effect.
   */
  @Override
  public void close() {
    locks.close();
  }
}
