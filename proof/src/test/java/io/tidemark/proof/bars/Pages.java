package io.tidemark.proof.bars;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.CacheListener;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.LockProvider;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import redis.clients.jedis.RedisClient;

/**
 * The cache of one process, with its clients of Redis, ZooKeeper and PostgreSQL. No limit is near:
 * nothing ends before its time, however slow the machine is. Thread-safe.
 */
final class Pages implements AutoCloseable {
  static final String CACHE = "pages";
  static final JsonCodec<Page> CODEC = JsonCodec.of(Page.class);

  private static final Duration FAR = Duration.ofMinutes(20);
  private static final int DATABASE_CONNECTIONS = 4;

  private final RedisClient redis;
  private final Duration grace;
  private final CuratorFramework curator;
  private final ZooKeeperLocks zookeeperLocks;
  private final HikariDataSource database;
  private final VersionedCache<Integer, Page> cache;

  /**
   * Where the servers listen on 127.0.0.1.
   *
   * @param redis of Redis
   * @param postgres of PostgreSQL
   * @param zookeeper of ZooKeeper
   */
  record Ports(int redis, int postgres, int zookeeper) {
    List<String> toArguments() {
      return List.of(
          Integer.toString(redis), Integer.toString(postgres), Integer.toString(zookeeper));
    }

    static Ports parse(String[] arguments) {
      return new Ports(
          Integer.parseInt(arguments[0]),
          Integer.parseInt(arguments[1]),
          Integer.parseInt(arguments[2]));
    }
  }

  /**
   * Connects to ZooKeeper and PostgreSQL.
   *
   * @param redis is closed with this
   * @param grace how long expired entries are kept
   */
  Pages(Ports ports, RedisClient redis, Duration grace, CacheListener listener)
      throws InterruptedException {
    this.redis = redis;
    this.grace = grace;
    this.curator =
        CuratorFrameworkFactory.newClient(
            "127.0.0.1:" + ports.zookeeper(),
            Math.toIntExact(FAR.toMillis()),
            Math.toIntExact(FAR.toMillis()),
            new RetryForever(100));
    curator.start();
    curator.blockUntilConnected((int) FAR.toSeconds(), TimeUnit.SECONDS);
    this.zookeeperLocks = ZooKeeperLocks.create(curator);
    this.database = database(ports.postgres());
    this.cache = cache(zookeeperLocks, listener);
  }

  /** The same cache with other locks, which the caller closes. */
  VersionedCache<Integer, Page> cache(LockProvider locks, CacheListener listener) {
    return VersionedCache.<Integer, Page>builder(CACHE)
        .source(PageTable.source(database))
        .store(RedisStore.create(redis))
        .locks(locks)
        .codec(CODEC)
        .grace(grace)
        .deadline(FAR)
        .claimLife(FAR)
        .maxLoadTime(FAR.multipliedBy(2))
        .listener(listener)
        .build();
  }

  VersionedCache<Integer, Page> cache() {
    return cache;
  }

  RedisClient redis() {
    return redis;
  }

  @Override
  public void close() {
    cache.close();
    zookeeperLocks.close();
    curator.close();
    redis.close();
    database.close();
  }

  private static HikariDataSource database(int port) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(PageTable.jdbcUrl(port));
    config.setMaximumPoolSize(DATABASE_CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(FAR.toMillis());
    return new HikariDataSource(config);
  }
}
