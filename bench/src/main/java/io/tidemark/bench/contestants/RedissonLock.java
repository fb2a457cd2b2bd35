package io.tidemark.bench.contestants;

import java.time.Duration;
import org.redisson.api.RBucket;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;

/** Redisson's lock for each key, and its bucket for each item. */
final class RedissonLock implements Contestant {
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
    RBucket<Item> bucket = redisson.getBucket("redisson:" + id);
    Item cached = bucket.get();
    if (cached != null) {
      return cached;
    }
    RLock lock = redisson.getLock("redisson-lock:" + id);
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
  public void changed(Item item) {
    redisson.getBucket("redisson:" + item.id()).delete();
  }

  @Override
  public void close() {
    redisson.shutdown();
  }
}
