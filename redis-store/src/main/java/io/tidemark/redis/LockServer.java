package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/** Leases on one Redis, or on one cluster. Thread-safe. */
final class LockServer implements LeaseService {
  /** The subject of what the trial in {@link #check} finds. */
  static final String SUBJECT = "Redis locks";

  private static final String KEY_PREFIX = "tidemark-lock:";

  /** The cache of locks that only {@link #check} acquires. */
  private static final String CHECKED = "tidemark-check";

  /** So short that a lock which cannot be deleted is gone soon. */
  private static final Duration CHECKED_LIFE = Duration.ofSeconds(1);

  private final UnifiedJedis jedis;
  private final LockCommands.Factory locks;
  private final ClientPools pools;
  private final JedisFailures failures;
  private final Duration life;
  private final LockRequests requests;

  /**
   * Leases on the server of a client.
   *
   * @param timer for requests that are sent later; ends before this does
   */
  LockServer(
      UnifiedJedis jedis,
      LockCommands.Factory locks,
      Duration life,
      ScheduledExecutorService timer) {
    this(jedis, locks, life, new LockRequests(timer));
  }

  /** Leases whose requests are sent as given; they end with this. */
  LockServer(UnifiedJedis jedis, LockCommands.Factory locks, Duration life, LockRequests requests) {
    this.jedis = jedis;
    this.locks = locks;
    this.pools = new ClientPools(jedis);
    this.failures = new JedisFailures(jedis);
    this.life = life;
    this.requests = requests;
  }

  @Override
  public Lease newLease(SlotKey key, String token) {
    LockCommands commands = locks.attempt(redisKey(key), token);
    return new ServerLease(key, commands, life, requests, pools, failures);
  }

  @Override
  public CompletableFuture<OptionalLong> remaining(SlotKey key, String token) {
    return owner(key)
        .thenApply(
            owner ->
                owner.isPresent() && owner.get().token().equals(token)
                    ? OptionalLong.of(owner.get().remainingMillis())
                    : OptionalLong.empty());
  }

  @Override
  public CompletableFuture<Optional<LockOwner>> owner(SlotKey key) {
    return requests.look(() -> pools.repeating(() -> locks.owner(redisKey(key))));
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(pools.check(LockRequests.THREADS + 1, "locks"));
    try {
      Master.of(jedis).forEach(master -> findings.addAll(check(master)));
    } catch (JedisException e) {
      findings.add(failures.finding(SUBJECT, e));
    }
    return findings;
  }

  private List<Finding> check(Master master) {
    String subject = master.named(SUBJECT);
    String token = UUID.randomUUID().toString();
    byte[] key = redisKey(master.keyHere(new SlotKey(CHECKED, token), LockServer::redisKey));
    try {
      Set<String> lacking = locks.rights().lacking(master, key);
      if (!lacking.isEmpty()) {
        return List.of(RedisSetup.lacking(subject, lacking));
      }
      pools.repeating(() -> tryOut(key, token));
      return RedisSetup.checkPing(master).stream().map(master::named).toList();
    } catch (JedisException e) {
      return List.of(failures.finding(subject, e));
    }
  }

  /** Acquires a lock, finds it held, looks at it, renews it and releases it. */
  private void tryOut(byte[] key, String token) {
    LockCommands.Factory trial = locks.withLife(CHECKED_LIFE);
    LockCommands lock = trial.attempt(key, token);
    lock.acquire();
    try {
      trial.attempt(key, UUID.randomUUID().toString()).acquire();
      Optional<LockOwner> unused = trial.owner(key);
      lock.renew();
    } finally {
      lock.release();
    }
  }

  @Override
  public void shutdown() {
    requests.shutdown();
  }

  ClientPools pools() {
    return pools;
  }

  LockRequests requests() {
    return requests;
  }

  /** Does not begin with the prefix of slots, which {@code clear} removes. */
  static byte[] redisKey(SlotKey key) {
    return (KEY_PREFIX + key.cache() + ":" + key.key()).getBytes(UTF_8);
  }
}
