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
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Locks on one Redis or one cluster, for fleets that do not run ZooKeeper. A lock is a key with a
 * time to live; a script sets it if it is missing, and another deletes it if its owner asks.
 * Acquiring it costs one round trip. Thread-safe.
 *
 * <p><b>What it does not promise.</b> The lock is a lease. A holder that pauses for longer than the
 * life of its lock loses it without notice. So does every holder when Redis is flushed, evicts the
 * key, restarts without its data, or fails over to a replica that has not received the lock yet.
 * Two processes may then load one key at once. That costs a load, but never serves a stale value:
 * safety rests on the claim in the store, not on the lock. A critical section of your own has no
 * such claim.
 *
 * <p>The fence is the server's time in microseconds when the lock was acquired. At least two
 * requests lie between two holdings of a key, so every later holding has a larger fence, unless the
 * server's clock is set back. Unlike a counter in Redis, the fence survives a flush. If the clock
 * is set back, or a failover leads to a server whose clock is behind, a new fence may be lower than
 * that of a live claim. It then loses against the claim until the claim expires, and its caller
 * waits that long. Two fences could be equal only if the clock were set back by exactly the time
 * between them. Keep the servers' clocks synchronized.
 *
 * <p>The lock of a key is one string, {@code tidemark-lock:<cache>:<key>}. {@link
 * RedisStore#clear(String)} does not delete it.
 *
 * <p>A message tells waiting processes that the lock was released. They also check the lock once a
 * second, and when the life of a crashed holder should be over. From the first wait on, the
 * messages use one connection, made with the client's options and outside its pool. While messages
 * cannot be received, waiting processes check after growing pauses instead; so they do with a
 * client that is not a {@code RedisClient}, a {@code RedisClusterClient} or a {@code
 * RedisSentinelClient}. Waiting callers share the connection and need no thread each.
 *
 * <p>If the connection of a request breaks, as after a restart of Redis, the request is sent once
 * more on a new one.
 *
 * <p>Requests run on at most {@value LockRequests#THREADS} daemon threads of these locks, each of
 * which may use a connection of the client. So callers return by their deadlines even if the
 * timeouts of the client are longer; a thread may stay behind until these pass. At most {@value
 * LeaseLocks#MAX_ATTEMPTS} attempts are under way at once; further ones queue within their
 * deadline.
 */
public final class RedisLocks implements LockProvider, AutoCloseable {
  private final LeaseLocks locks;
  private final UnifiedJedis jedis;
  private final ClientPools pools;

  private RedisLocks(UnifiedJedis jedis, RedisLocksBuilder<RedisLocks> options) {
    ScheduledExecutorService timer = LockRequests.newTimer();
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
   * Creates locks with the default options.
   *
   * @param jedis as for {@link #builder}
   */
  public static RedisLocks create(UnifiedJedis jedis) {
    return builder(jedis).build();
  }

  /**
   * Starts a builder.
   *
   * @param jedis a client that sends every command to the master that owns the key. The caller
   *     closes it after these locks. Its timeouts end requests that Redis does not answer
   * @throws IllegalArgumentException if the client has a cache of its own, or is a client of a
   *     cluster other than a RedisClusterClient
   * @throws IllegalStateException if Jedis is older than 7.4
   */
  public static RedisLocksBuilder<RedisLocks> builder(UnifiedJedis jedis) {
    UnifiedJedis checked = JedisCheck.checked(jedis);
    return new RedisLocksBuilder<>(options -> new RedisLocks(checked, options));
  }

  /**
   * Acquires a key's lock if it is free, in one round trip.
   *
   * @throws io.tidemark.UnavailableException if Redis cannot be reached, is busy, loses its answer,
   *     or does not answer by the deadline. The lock is not held then: if Redis grants it all the
   *     same, it is released in the background, or ends with its life
   * @throws InterruptedException if the thread is interrupted; the lock is not held then either
   * @throws io.tidemark.RefusedException if these locks or their client were closed before, or the
   *     server refuses
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
    return "RedisLocks (" + locks + ")";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Checks the client's pool, and tries every command of a lock and of the messages, with a lock
   * of its own, and names each right that the user lacks. In a cluster it tries each master; a
   * finding names its master.
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
    String problem;
    String advice;
    try {
      Set<String> lacking = Rights.MESSAGES.lacking(master, new byte[0]);
      if (lacking.isEmpty()) {
        return Optional.empty();
      }
      String list = String.join(" ", lacking);
      problem = "its user lacks " + list;
      advice = "let an administrator run: ACL SETUSER <user> " + list;
    } catch (JedisException e) {
      problem = JedisFailures.words(e);
      advice = "let this user publish and subscribe to '" + ScriptedLocks.CHANNEL + "'";
    }
    return Optional.of(
        Finding.warning(
            master.named("Redis messages"),
            "callers that wait for a lock may notice its release late: " + problem,
            advice));
  }

  /** The life of a lock. */
  @Override
  public Optional<Duration> crashNoticedWithin() {
    return locks.crashNoticedWithin();
  }

  /**
   * Releases every lock that is held. Does not block: the locks become free in the background, or
   * at the end of their life if Redis does not answer at once or the client is closed first. Calls
   * under way throw {@link io.tidemark.UnavailableException}. Idempotent.
   */
  @Override
  public void close() {
    locks.close();
  }
}
