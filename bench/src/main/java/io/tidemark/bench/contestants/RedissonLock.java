package io.tidemark.bench.contestants;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.redisson.api.RBucket;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;

/** Redisson's lock for each key, and its bucket for each item. */
final class RedissonLock implements CacheAside {
  private final RedissonClient redisson;
  private final Source source;
  private final Duration ttl;

  RedissonLock(Setting setting) {
    this.redisson = RedissonClients.connect(setting);
    this.source = setting.source();
    this.ttl = setting.ttl();
  }

  @Override
  public Item read(int id) throws Exception {
    RBucket<Item> bucket = bucket(id);
    Item cached = bucket.get();
    if (cached != null) {
      return cached;
    }
    RLock lock = lock(id);
    lock.lock();
    try {
      cached = bucket.get();
      if (cached != null) {
        return cached;
      }
      Item loaded = source.load(id);
      bucket.set(loaded, ttl);
      return loaded;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Map<Integer, Item> cached(Set<Integer> ids) {
    Map<String, Item> found =
        redisson.getBuckets().get(ids.stream().map(RedissonLock::key).toArray(String[]::new));
    Map<Integer, Item> items = new HashMap<>();
    found.values().forEach(item -> items.put(item.id(), item));
    return items;
  }

  @Override
  public void drop(int id) {
    bucket(id).delete();
  }

  @Override
  public void update(Item item) throws Exception {
    RLock lock = lock(item.id());
    lock.lock();
    try {
      source.save(item);
      bucket(item.id()).set(item, ttl);
    } finally {
      lock.unlock();
    }
  }

  private RBucket<Item> bucket(int id) {
    return redisson.getBucket(key(id));
  }

  private RLock lock(int id) {
    return redisson.getLock("redisson-lock:" + id);
  }

  private static String key(int id) {
    return "redisson:" + id;
  }

  @Override
  public void close() {
    redisson.shutdown();
  }
}
