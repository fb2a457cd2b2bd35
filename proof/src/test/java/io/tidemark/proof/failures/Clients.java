package io.tidemark.proof.failures;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.CacheBuilder;
import io.tidemark.JsonCodec;
import io.tidemark.VersionedCache;
import io.tidemark.demo.services.Servers;
import io.tidemark.redis.RedisStore;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.KeeperException;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/** One process's clients of the three servers, with the limits that the page names. Thread-safe. */
final class Clients implements AutoCloseable {
  private static final int SESSION_MILLIS = 6_000;
  private static final int CONNECT_SECONDS = 30;

  private final CuratorFramework curator;
  private final ZooKeeperLocks locks;
  private final RedisClient redis;
  private final RedisStore store;
  private final HikariDataSource database;
  private final Items items;
  private final List<VersionedCache<String, String>> caches = new ArrayList<>();

  /**
   * The limits of the clients.
   *
   * @param redis of connecting to Redis, of a wait for its answer, and of a wait for the pool, each
   * @param pool of a wait for a connection to the database
   * @param statement of a wait for the database's answer, in whole seconds
   */
  record Limits(Duration redis, Duration pool, Duration statement) {}

  Clients(int zookeeperPort, int redisPort, int databasePort, Limits limits)
      throws InterruptedException {
    this.curator =
        CuratorFrameworkFactory.builder()
            .connectString("127.0.0.1:" + zookeeperPort)
            .sessionTimeoutMs(SESSION_MILLIS)
            .connectionTimeoutMs(SESSION_MILLIS / 3)
            .retryPolicy(new RetryNTimes(1, 100))
            .build();
    curator.start();
    this.locks = ZooKeeperLocks.create(curator);
    this.redis = redis(redisPort, limits.redis());
    this.store = RedisStore.create(redis);
    this.database = database(databasePort, limits);
    this.items = new Items(database);
    if (!curator.blockUntilConnected(CONNECT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("ZooKeeper does not answer");
    }
  }

  /** A client of Redis whose every wait has this limit. */
  static RedisClient redis(int port, Duration limit) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(64);
    pool.setMaxIdle(64);
    pool.setMaxWait(limit);
    pool.setJmxEnabled(false);
    int limitMillis = Math.toIntExact(limit.toMillis());
    return RedisClient.builder()
        .hostAndPort("127.0.0.1", port)
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(limitMillis).build())
        .poolConfig(pool)
        .build();
  }

  /** One more cache on these clients, which is closed with them. */
  synchronized VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    VersionedCache<String, String> cache =
        options
            .apply(
                VersionedCache.<String, String>builder(Items.CACHE)
                    .source(items.source())
                    .store(store)
                    .locks(locks)
                    .codec(JsonCodec.of(String.class)))
            .build();
    caches.add(cache);
    return cache;
  }

  /** Returns when ZooKeeper answers. */
  void awaitZooKeeper() throws Exception {
    await()
        .atMost(Duration.ofSeconds(CONNECT_SECONDS))
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

  private static HikariDataSource database(int port, Limits limits) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(Servers.jdbcUrl(port));
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(1);
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
