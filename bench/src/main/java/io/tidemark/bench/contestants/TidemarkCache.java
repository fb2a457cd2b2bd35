package io.tidemark.bench.contestants;

import io.tidemark.Codec;
import io.tidemark.LoadProfile;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.redis.RedisLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.LockProvider;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.curator.framework.CuratorFramework;
import redis.clients.jedis.RedisClient;

/**
 * Tidemark with its defaults, except for the limits that a standstill of the machine would reach.
 */
final class TidemarkCache implements Contestant {
  private final VersionedCache<Integer, Item> cache;
  private final Source source;

  /** Closed from the first on. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private TidemarkCache(Setting setting, String name, RedisClient redis, LockProvider locks) {
    this.source = setting.source();
    this.cache =
        VersionedCache.<Integer, Item>builder(name)
            .source(id -> row(source.load(id)))
            .store(RedisStore.create(redis))
            .locks(locks)
            .codec(new ItemCodecOfTidemark())
            .ttl(setting.ttl())
            .profile(
                new LoadProfile(setting.lockLifeOr(Patience.LIMIT), Patience.LIMIT, Patience.LIMIT))
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
    RedisLocks locks = RedisLocks.builder(redis).life(setting.lockLifeOr(Patience.LIMIT)).build();
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
  public Map<Integer, Item> readAll(Set<Integer> ids) {
    Map<Integer, Item> items = new HashMap<>();
    cache.getAll(ids).forEach((id, item) -> items.put(id, item.orElseThrow()));
    return items;
  }

  @Override
  public void drop(int id) {
    checkReached(cache.invalidate(id));
  }

  @Override
  public void update(Item item) throws Exception {
    checkReached(
        cache
            .update(
                item.id(),
                () -> {
                  source.save(item);
                  return row(item);
                })
            .outcome());
  }

  /** What is not known to be done must not be measured as if it were. */
  private static void checkReached(WriteOutcome outcome) {
    if (outcome == WriteOutcome.UNKNOWN) {
      throw new IllegalStateException("the store did not answer");
    }
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
