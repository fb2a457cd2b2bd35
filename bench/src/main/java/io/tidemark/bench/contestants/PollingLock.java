package io.tidemark.bench.contestants;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import redis.clients.jedis.params.SetParams;

/** A lock by SET NX, which others wait for by looking at the entry every 500 ms, five times. */
final class PollingLock implements CacheAside {
  private static final Duration LOCK_LIFE = Duration.ofSeconds(10);
  private static final int MOST_RETRIES = 5;
  private static final int PAUSE_MILLIS = 500;

  private final JedisItems items;
  private final Source source;
  private final Duration lockLife;

  PollingLock(Setting setting) {
    this.items = new JedisItems(setting, "polling:");
    this.source = setting.source();
    this.lockLife = setting.lockLifeOr(LOCK_LIFE);
  }

  @Override
  public Item read(int id) throws Exception {
    Item cached = items.get(id);
    if (cached != null) {
      return cached;
    }
    String lock = "polling-lock:" + id;
    SetParams ifFree = SetParams.setParams().nx().px(lockLife.toMillis());
    if (items.redis().set(lock, "1", ifFree) != null) {
      try {
        Item loaded = source.load(id);
        items.set(loaded);
        return loaded;
      } finally {
        items.redis().del(lock);
      }
    }
    for (int i = 0; i < MOST_RETRIES; i++) {
      Thread.sleep(PAUSE_MILLIS);
      cached = items.get(id);
      if (cached != null) {
        return cached;
      }
    }
    return source.load(id);
  }

  @Override
  public Map<Integer, Item> cached(Set<Integer> ids) {
    return items.getAll(ids);
  }

  @Override
  public void drop(int id) {
    items.delete(id);
  }

  @Override
  public void update(Item item) throws Exception {
    source.save(item);
    items.delete(item.id());
  }

  @Override
  public void close() {
    items.close();
  }
}
