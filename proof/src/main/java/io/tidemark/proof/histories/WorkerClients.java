package io.tidemark.proof.histories;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.demo.services.Servers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/** A worker's clients of Redis, ZooKeeper and PostgreSQL, all of them impatient. Thread-safe. */
final class WorkerClients {
  /** Shorter than the nemesis's longer pauses. */
  static final Duration SESSION = Duration.ofSeconds(2);

  private static final int REDIS_MILLIS = 300;
  private static final int CONNECTIONS = 12;
  private static final int DATABASE_CONNECTIONS = 8;
  private static final int DATABASE_WAIT_MILLIS = 500;
  private static final int EXPIRY_SECONDS = 5;

  private final RedisClient redis;
  private final CuratorFramework curator;
  private final HikariDataSource database;
  private final String directZookeeper;

  private WorkerClients(
      RedisClient redis,
      CuratorFramework curator,
      HikariDataSource database,
      String directZookeeper) {
    this.redis = redis;
    this.curator = curator;
    this.database = database;
    this.directZookeeper = directZookeeper;
  }

  /** Opens the clients, and waits a moment for ZooKeeper. */
  static WorkerClients open(WorkerOptions options) throws InterruptedException {
    CuratorFramework curator = zookeeper(options.zookeeper());
    WorkerClients clients =
        new WorkerClients(
            redis(options.redisPort()),
            curator,
            database(options.postgresPort()),
            options.directZookeeper());
    curator.blockUntilConnected(EXPIRY_SECONDS, TimeUnit.SECONDS);
    return clients;
  }

  RedisClient redis() {
    return redis;
  }

  CuratorFramework curator() {
    return curator;
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
            (int) SESSION.toMillis(),
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            },
            victim.getSessionId(),
            victim.getSessionPasswd());
    connected.await(EXPIRY_SECONDS, TimeUnit.SECONDS);
    twin.close();
  }

  private static RedisClient redis(int port) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(CONNECTIONS);
    pool.setMaxIdle(CONNECTIONS);
    pool.setMaxWait(Duration.ofMillis(REDIS_MILLIS));
    pool.setJmxEnabled(false);
    return RedisClient.builder()
        .hostAndPort("127.0.0.1", port)
        .clientConfig(
            DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(REDIS_MILLIS)
                .socketTimeoutMillis(REDIS_MILLIS)
                .build())
        .poolConfig(pool)
        .build();
  }

  private static CuratorFramework zookeeper(String address) {
    int sessionMillis = (int) SESSION.toMillis();
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

  private static HikariDataSource database(int port) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("worker");
    config.setJdbcUrl(Servers.jdbcUrl(port));
    config.setMaximumPoolSize(DATABASE_CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(DATABASE_WAIT_MILLIS);
    config.setValidationTimeout(DATABASE_WAIT_MILLIS / 2);
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("connectTimeout", "1");
    config.addDataSourceProperty("socketTimeout", "1");
    // A worker that is stopped in a transaction must not hold the others for longer than this.
    config.addDataSourceProperty("options", "-c lock_timeout=700ms");
    return new HikariDataSource(config);
  }
}
