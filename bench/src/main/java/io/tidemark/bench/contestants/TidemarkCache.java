package io.tidemark.bench.contestants;

import io.tidemark.Codec;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.redis.RedisLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.LockProvider;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.curator.framework.CuratorFramework;
import redis.clients.jedis.RedisClient;

/** Tidemark with its defaults. */
final class TidemarkCache implements Contestant {
  private final VersionedCache<Integer, Item> cache;

  /** Closed from the first on. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private TidemarkCache(Setting setting, String name, RedisClient redis, LockProvider locks) {
    this.cache =
        VersionedCache.<Integer, Item>builder(name)
            .source(id -> row(setting.source().load(id)))
            .store(RedisStore.create(redis))
            .locks(locks)
            .codec(new ItemCodecOfTidemark())
            .ttl(setting.ttl())
            .build();
  }

  static Contestant onZooKeeper(Setting setting) {
    RedisClient redis = JedisItems.client(setting);
    CuratorFramework zookeeper = ZooKeeperClient.start(setting);
    ZooKeeperLocks locks = ZooKeeperLocks.create(zookeeper);
    TidemarkCache opened = new TidemarkCache(setting, "zookeeper", redis, locks);
    opened.closes(opened.cache, locks, zookeeper, redis);
    return opened;
  }

  static Contestant onRedis(Setting setting) {
    RedisClient redis = JedisItems.client(setting);
    RedisLocks locks = RedisLocks.create(redis);
    TidemarkCache opened = new TidemarkCache(setting, "redis", redis, locks);
    opened.closes(opened.cache, locks, redis);
    return opened;
  }

  private void closes(AutoCloseable... inTurn) {
    for (AutoCloseable part : inTurn) {
      parts.add(part);
    }
  }

  private static Row<Item> row(Item item) {
    return Row.present(item, item.version());
  }

  private static final class ItemCodecOfTidemark implements Codec<Item> {
    @Override
    public byte[] encode(Item item) {
      return item.json();
    }

    @Override
    public Item decode(byte[] bytes) {
      return Item.of(bytes);
    }
  }

  @Override
  public Item read(int id) {
    return cache.get(id).orElseThrow();
  }

  @Override
  public void changed(Item item) {
    cache.publish(item.id(), row(item));
  }

  @Override
  public void close() {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        throw new IllegalStateException("a contestant cannot be closed", e);
      }
    }
  }
}
