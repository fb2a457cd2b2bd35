package io.tidemark.proof.failures;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.CacheBuilder;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.redis.RedisStore;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.spi.SlotStore;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.KeeperException;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/**
 * One process's clients of the three servers. Each of their limits is near, so that a call whose
 * server does not answer reaches it, or far: then no machine is so slow that a call reaches it, and
 * a call that depends on it hangs. Thread-safe.
 */
final class Clients implements AutoCloseable {
  /** As many as there are cells that play at once, so that each has one that a fault can break. */
  static final int CONNECTIONS = 8;

  /** Much longer than the patience of the tests. */
  static final Duration FAR = Duration.ofMinutes(20);

  /** Any other time would do as well: only servers that do not answer are waited for so long. */
  static final Duration NEAR = Duration.ofMillis(250);

  /** The driver knows whole seconds only. */
  private static final Duration NEAR_IN_SECONDS = Duration.ofSeconds(1);

  private final CuratorFramework curator;
  private final ZooKeeperLocks locks;
  private final RedisClient redis;
  private final RedisStore store;
  private final HikariDataSource database;
  private final Items items;
  private final Map<Server, Integer> connections;
  private final List<VersionedCache<String, String>> caches = new ArrayList<>();
  private final VersionedCache<String, String> failing;

  /**
   * The limits of the clients.
   *
   * @param redis of a wait for Redis' answer
   * @param pool of a wait for a connection to the database
   * @param statement of a wait for the database's answer, in whole seconds
   */
  record Limits(Duration redis, Duration pool, Duration statement) {
    static Limits far() {
      return new Limits(FAR, FAR, FAR);
    }

    /** These limits near, and the others far. */
    static Limits near(Set<Limit> near) {
      // The pool asks an idle connection, and makes a new one, within the driver's limit each, and
      // goes on until its own.
      boolean pool = near.contains(Limit.POOL) || near.contains(Limit.DRIVER);
      return new Limits(
          near.contains(Limit.REDIS) ? NEAR : FAR,
          pool ? NEAR : FAR,
          near.contains(Limit.DRIVER) ? NEAR_IN_SECONDS : FAR);
    }
  }

  /**
   * Connects to the servers.
   *
   * @param ports where they are
   * @param connections how many to have ready for a server; one where it is not said
   */
  Clients(ToIntFunction<Server> ports, Limits limits, Map<Server, Integer> connections)
      throws InterruptedException {
    this.connections = connections;
    int farMillis = Math.toIntExact(FAR.toMillis());
    this.curator =
        CuratorFrameworkFactory.builder()
            .connectString("127.0.0.1:" + ports.applyAsInt(Server.ZOOKEEPER))
            .sessionTimeoutMs(farMillis)
            .connectionTimeoutMs(farMillis)
            .retryPolicy(new RetryForever(100))
            .build();
    curator.start();
    this.locks = ZooKeeperLocks.create(curator);
    this.redis = redis(ports.applyAsInt(Server.REDIS), limits.redis());
    this.store = RedisStore.create(redis);
    this.database = database(ports.applyAsInt(Server.DATABASE), limits);
    this.items = new Items(database);
    this.failing = cache(options -> options.deadline(FaultyWorld.PATIENCE));
    if (!curator.blockUntilConnected((int) FaultyWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("ZooKeeper does not answer");
    }
  }

  /**
   * A client of Redis that waits so long for an answer. A connection it always gets, as fast as the
   * machine is: a limit of that would be about the machine.
   */
  static RedisClient redis(int port, Duration limit) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(64);
    pool.setMaxIdle(64);
    pool.setMaxWait(FAR);
    pool.setJmxEnabled(false);
    return RedisClient.builder()
        .hostAndPort("127.0.0.1", port)
        .clientConfig(
            DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(Math.toIntExact(FAR.toMillis()))
                .socketTimeoutMillis(Math.toIntExact(limit.toMillis()))
                .build())
        .poolConfig(pool)
        .build();
  }

  /** One more cache on these clients, which is closed with them. */
  VersionedCache<String, String> cache(UnaryOperator<CacheBuilder<String, String>> options) {
    return cache(Items.CACHE, items.source(), store, options);
  }

  /** One more cache, with what it asks the store and the database through. */
  synchronized VersionedCache<String, String> cache(
      String name,
      Source<String, String> source,
      SlotStore store,
      UnaryOperator<CacheBuilder<String, String>> options) {
    VersionedCache<String, String> cache =
        options
            .apply(
                VersionedCache.<String, String>builder(name)
                    .source(source)
                    .store(store)
                    .locks(locks)
                    .codec(JsonCodec.of(String.class))
                    .claimLife(FAR)
                    .maxLoadTime(FAR.multipliedBy(10)))
            .build();
    caches.add(cache);
    return cache;
  }

  /** A cache that fails where it cannot go the usual way. */
  VersionedCache<String, String> failing() {
    return failing;
  }

  /** Returns when all connections are there. */
  void awaitConnections() {
    await()
        .atMost(FaultyWorld.PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              int missing =
                  connections.getOrDefault(Server.REDIS, 1) - redis.getPool().getNumIdle();
              redis.getPool().addObjects(Math.max(0, missing));
              return missing <= 0;
            });
    await()
        .atMost(FaultyWorld.PATIENCE)
        .until(
            () ->
                database.getHikariPoolMXBean().getIdleConnections()
                    >= connections.getOrDefault(Server.DATABASE, 1));
  }

  /** Returns when ZooKeeper answers. */
  void awaitZooKeeper() {
    await()
        .atMost(FaultyWorld.PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(this::zookeeperAnswers);
  }

  private boolean zookeeperAnswers() throws Exception {
    try {
      return curator.checkExists().forPath("/") != null;
    } catch (KeeperException e) {
      return false;
    }
  }

  RedisStore store() {
    return store;
  }

  Items items() {
    return items;
  }

  @Override
  public synchronized void close() {
    caches.forEach(VersionedCache::close);
    locks.close();
    curator.close();
    redis.close();
    database.close();
  }

  private HikariDataSource database(int port, Limits limits) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(PostgresProgram.jdbcUrl(port));
    config.setMaximumPoolSize(2 * CONNECTIONS);
    config.setMinimumIdle(connections.getOrDefault(Server.DATABASE, 1));
    config.setConnectionTimeout(limits.pool().toMillis());
    config.setValidationTimeout(limits.pool().toMillis());
    config.setInitializationFailTimeout(-1);
    // Otherwise the pool asks the first connection once, and is of no use if that one breaks then.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    String seconds = Long.toString(limits.statement().toSeconds());
    config.addDataSourceProperty("connectTimeout", seconds);
    config.addDataSourceProperty("socketTimeout", seconds);
    return new HikariDataSource(config);
  }
}
