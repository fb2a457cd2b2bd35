package io.tidemark.demo.node;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.tidemark.memory.LocalLocks;
import io.tidemark.redis.OptimisticRedisLocks;
import io.tidemark.redis.RedisLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.redis.Redlock;
import io.tidemark.resilience4j.BreakerStore;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * A node's clients of ZooKeeper, Redis and PostgreSQL. Each keeps trying to connect, so that they
 * open although a server is away. Every wait for a server has a limit. Thread-safe.
 */
final class NodeBackends implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeBackends.class);
  private static final int DATABASE_CONNECTIONS = 16;
  private static final int REDIS_CONNECTIONS = 64;
  private static final int MOST_REDIS_MILLIS = 1_000;
  private static final int CONNECT_SECONDS = 2;
  private static final int ZOOKEEPER_RETRIES = 2;
  private static final int ZOOKEEPER_RETRY_PAUSE_MILLIS = 100;

  private final HikariDataSource database;
  private final UnifiedJedis redis;
  private final BreakerStore store;
  private final LockProvider locks;
  private final List<? extends UnifiedJedis> lockClients;
  private final @Nullable CuratorFramework curator;

  private NodeBackends(
      HikariDataSource database,
      UnifiedJedis redis,
      LockProvider locks,
      List<? extends UnifiedJedis> lockClients,
      @Nullable CuratorFramework curator) {
    this.database = database;
    this.redis = redis;
    this.store = BreakerStore.builder(RedisStore.create(redis)).build();
    this.locks = locks;
    this.lockClients = lockClients;
    this.curator = curator;
  }

  /**
   * Opens the clients; waits a moment for ZooKeeper, where the lock is there.
   *
   * @throws IllegalArgumentException if the database's URL is none that the driver knows
   */
  static NodeBackends open(NodeOptions options) throws InterruptedException {
    HikariDataSource database = new HikariDataSource(databaseConfig(options));
    UnifiedJedis redis = openRedis(options);
    if (options.lock() == LockChoice.ZOOKEEPER) {
      CuratorFramework curator = openZooKeeper(options);
      ZooKeeperLocks locks = ZooKeeperLocks.create(curator);
      NodeBackends backends = new NodeBackends(database, redis, locks, List.of(), curator);
      curator.blockUntilConnected(CONNECT_SECONDS, TimeUnit.SECONDS);
      return backends;
    }
    // Locks have clients of their own, so that they and the slots cannot take all connections.
    return switch (options.lock()) {
      case REDIS -> {
        UnifiedJedis client = openRedis(options);
        yield new NodeBackends(database, redis, RedisLocks.create(client), List.of(client), null);
      }
      case OPTIMISTIC -> {
        RedisClient client = openRedis(options, options.redis().nodes().get(0));
        yield new NodeBackends(
            database, redis, OptimisticRedisLocks.create(client), List.of(client), null);
      }
      case REDLOCK -> {
        List<RedisClient> clients =
            options.redlockMasters().stream().map(address -> openRedis(options, address)).toList();
        yield new NodeBackends(database, redis, redlock(clients), clients, null);
      }
      case LOCAL -> new NodeBackends(database, redis, LocalLocks.create(), List.of(), null);
      case NONE, ZOOKEEPER -> new NodeBackends(database, redis, new NoLocks(), List.of(), null);
    };
  }

  private static Redlock redlock(List<RedisClient> lockClients) {
    if (lockClients.size() == 1) {
      LOG.warn(
          "Redlock has one server, which is no majority: when it is away, nobody loads;"
              + " name three or five with --redlock-servers");
    }
    return Redlock.create(lockClients);
  }

  DataSource database() {
    return database;
  }

  UnifiedJedis redis() {
    return redis;
  }

  /** The slots, behind a circuit breaker. */
  SlotStore store() {
    return store;
  }

  /** Whether the slots are being asked at all. */
  CircuitBreaker breaker() {
    return store.circuitBreaker();
  }

  LockProvider locks() {
    return locks;
  }

  /** Empty where the lock is elsewhere. */
  Optional<CuratorFramework> zookeeper() {
    return Optional.ofNullable(curator);
  }

  @Override
  public void close() {
    try (database;
        redis;
        store) {
      closeLocks();
      lockClients.forEach(UnifiedJedis::close);
    }
  }

  private void closeLocks() {
    if (locks instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.warn("The locks could not be closed", e);
      }
    }
    if (curator != null) {
      curator.close();
    }
  }

  static HikariConfig databaseConfig(NodeOptions options) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("tidemark-node");
    config.setJdbcUrl(options.jdbcUrl());
    config.setMaximumPoolSize(DATABASE_CONNECTIONS);
    // The acts start nodes before the database. A pool that has met none tries again ever later.
    config.setMinimumIdle(options.isPatient() ? 0 : 1);
    config.setConnectionTimeout(Math.max(250, options.deadline().toMillis() / 2));
    config.setInitializationFailTimeout(-1);
    // Otherwise the pool asks the first connection once, and is of no use if that one breaks then.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.addDataSourceProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
    // A database that is stopped answers nothing, not even a cancel: then only this ends a load.
    config.addDataSourceProperty(
        "socketTimeout", Long.toString(2 * queryTimeout(options).toSeconds()));
    return config;
  }

  /** How long a query may run: a caller's deadline in JDBC's unit. */
  static Duration queryTimeout(NodeOptions options) {
    return Duration.ofSeconds(Math.max(1, options.deadline().plusMillis(999).toSeconds()));
  }

  private static UnifiedJedis openRedis(NodeOptions options) {
    RedisAddress address = options.redis();
    return address.isCluster()
        ? RedisClusterClient.builder()
            .nodes(Set.copyOf(address.nodes()))
            .clientConfig(clientConfig(options))
            .poolConfig(pool(options))
            .build()
        : openRedis(options, address.nodes().get(0));
  }

  private static RedisClient openRedis(NodeOptions options, HostAndPort address) {
    return RedisClient.builder()
        .hostAndPort(address)
        .clientConfig(clientConfig(options))
        .poolConfig(pool(options))
        .build();
  }

  private static JedisClientConfig clientConfig(NodeOptions options) {
    return DefaultJedisClientConfig.builder()
        .connectionTimeoutMillis(limitMillis(options))
        .socketTimeoutMillis(limitMillis(options))
        .build();
  }

  private static ConnectionPoolConfig pool(NodeOptions options) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(REDIS_CONNECTIONS);
    pool.setMaxIdle(REDIS_CONNECTIONS);
    pool.setMaxWait(Duration.ofMillis(limitMillis(options)));
    pool.setJmxEnabled(false);
    return pool;
  }

  /** A read may meet all three limits one after another, and must stay within its deadline. */
  private static int limitMillis(NodeOptions options) {
    long mostMillis = options.isPatient() ? Integer.MAX_VALUE : MOST_REDIS_MILLIS;
    return (int) Math.min(mostMillis, Math.max(20, options.deadline().toMillis() / 4));
  }

  private static CuratorFramework openZooKeeper(NodeOptions options) {
    int sessionMillis = (int) options.sessionTimeout().toMillis();
    CuratorFramework curator =
        CuratorFrameworkFactory.builder()
            .connectString(options.zookeeper())
            .sessionTimeoutMs(sessionMillis)
            // Well below the session, so that there is time to find another server in it.
            .connectionTimeoutMs(
                options.isPatient()
                    ? sessionMillis
                    : Math.min(CONNECT_SECONDS * 1_000, sessionMillis / 3))
            .retryPolicy(new RetryNTimes(ZOOKEEPER_RETRIES, ZOOKEEPER_RETRY_PAUSE_MILLIS))
            .build();
    curator.start();
    return curator;
  }
}
