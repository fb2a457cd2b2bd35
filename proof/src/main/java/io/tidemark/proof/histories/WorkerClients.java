package io.tidemark.proof.histories;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.memory.LocalLocks;
import io.tidemark.redis.OptimisticRedisLocks;
import io.tidemark.redis.RedisLocks;
import io.tidemark.redis.Redlock;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.spi.LockProvider;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/** A worker's clients of Redis, ZooKeeper and PostgreSQL. Thread-safe. */
final class WorkerClients {
  private static final long REDIS_LIMIT_NANOS = Duration.ofMinutes(5).toNanos();
  private static final int REDIS_PAUSE_MILLIS = 100;
  private static final int DATABASE_CONNECTIONS = 8;
  private static final int DATABASE_WAIT_MILLIS = 500;
  private static final int DATABASE_VALIDATION_MILLIS = 250;
  private static final int EXPIRY_SECONDS = 30;

  private final UnifiedJedis redis;
  private final CuratorFramework curator;
  private final HikariDataSource database;
  private final String directZookeeper;
  private final LockProvider locks;

  private WorkerClients(
      UnifiedJedis redis,
      CuratorFramework curator,
      HikariDataSource database,
      String directZookeeper,
      LockProvider locks) {
    this.redis = redis;
    this.curator = curator;
    this.database = database;
    this.directZookeeper = directZookeeper;
    this.locks = locks;
  }

  /** Opens the clients, waits for Redis, and a moment for ZooKeeper. */
  static WorkerClients open(WorkerOptions options) throws InterruptedException {
    WorkerSetup setup = options.setup();
    CuratorFramework curator = zookeeper(options.zookeeper(), setup);
    WorkerClients clients =
        new WorkerClients(
            redis(options),
            curator,
            database(options.postgresPort(), setup),
            options.directZookeeper(),
            locks(options, curator));
    curator.blockUntilConnected((int) setup.session().toMillis(), TimeUnit.MILLISECONDS);
    return clients;
  }

  /** A client of several servers cannot be built while none of them answers. */
  private static UnifiedJedis redis(WorkerOptions options) throws InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      try {
        return options.redis().open(options.setup());
      } catch (JedisException e) {
        if (System.nanoTime() - begin > REDIS_LIMIT_NANOS) {
          throw e;
        }
        Thread.sleep(REDIS_PAUSE_MILLIS);
      }
    }
  }

  UnifiedJedis redis() {
    return redis;
  }

  LockProvider locks() {
    return locks;
  }

  DataSource database() {
    return database;
  }

  /** Ends the session at the servers, as its timeout would; the client hears of it later. */
  void expireSession() throws Exception {
    ZooKeeper victim = curator.getZookeeperClient().getZooKeeper();
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper twin =
        new ZooKeeper(
            directZookeeper,
            victim.getSessionTimeout(),
            event -> {
              // Or it has ended already.
              if (event.getState() == KeeperState.SyncConnected
                  || event.getState() == KeeperState.Expired) {
                connected.countDown();
              }
            },
            victim.getSessionId(),
            victim.getSessionPasswd());
    boolean isTwin = connected.await(EXPIRY_SECONDS, TimeUnit.SECONDS);
    twin.close();
    if (!isTwin) {
      throw new TimeoutException("ZooKeeper let nobody into the session to end it");
    }
  }

  private static LockProvider locks(WorkerOptions options, CuratorFramework curator) {
    Map<LockKind, LockProvider> made = new ConcurrentHashMap<>();
    return (key, deadline) ->
        made.computeIfAbsent(options.lock().of(key.key()), kind -> locks(kind, options, curator))
            .tryAcquire(key, deadline);
  }

  /** Each has clients of its own, which are as impatient as the store's. */
  private static LockProvider locks(
      LockKind kind, WorkerOptions options, CuratorFramework curator) {
    Duration life = options.setup().claimLife();
    return switch (kind) {
      case ZOOKEEPER -> ZooKeeperLocks.create(curator);
      case REDIS -> RedisLocks.builder(options.redis().open(options.setup())).life(life).build();
      case REDLOCK ->
          Redlock.builder(
                  Stream.concat(
                          options.redis().seeds().stream(), options.lockServerPorts().stream())
                      .map(port -> RedisWays.single(port, options.setup()))
                      .toList())
              .life(life)
              .build();
      case OPTIMISTIC ->
          OptimisticRedisLocks.builder(
                  RedisWays.single(options.redis().seeds().get(0), options.setup()))
              .life(life)
              .build();
      case LOCAL -> LocalLocks.create();
      case BY_KEY -> throw new IllegalArgumentException("a key has locks of one kind");
    };
  }

  private static CuratorFramework zookeeper(String address, WorkerSetup setup) {
    int sessionMillis = (int) setup.session().toMillis();
    CuratorFramework curator =
        CuratorFrameworkFactory.builder()
            .connectString(address)
            .sessionTimeoutMs(sessionMillis)
            .connectionTimeoutMs(sessionMillis / 3)
            .retryPolicy(new RetryNTimes(1, 50))
            .build();
    curator.start();
    return curator;
  }

  private static HikariDataSource database(int port, WorkerSetup setup) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("worker");
    config.setJdbcUrl(PostgresProgram.jdbcUrl(port));
    config.setMaximumPoolSize(DATABASE_CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(Math.max(DATABASE_WAIT_MILLIS, setup.patience().toMillis()));
    config.setValidationTimeout(DATABASE_VALIDATION_MILLIS);
    config.setInitializationFailTimeout(-1);
    // Otherwise the pool asks the first connection once, and is of no use if that one breaks then.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    // In whole seconds.
    String patience = Long.toString(setup.patience().plusMillis(999).toSeconds());
    config.addDataSourceProperty("connectTimeout", patience);
    config.addDataSourceProperty("socketTimeout", patience);
    // A worker that is stopped in a transaction must not hold the others for longer than this.
    config.addDataSourceProperty("options", "-c lock_timeout=700ms");
    return new HikariDataSource(config);
  }
}
