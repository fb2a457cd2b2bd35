package io.tidemark.bench.contestants;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;

/** The limit: a cache of one process, which others do not see. */
final class CaffeineCache implements Contestant {
  private final LoadingCache<Integer, Item> cache;

  CaffeineCache(Setting setting) {
    this.cache =
        Caffeine.newBuilder().expireAfterWrite(setting.ttl()).build(setting.source()::load);
  }

  @Override
  public Item read(int id) {
    return cache.get(id);
  }

  @Override
  public void changed(Item item) {
    cache.invalidate(item.id());
  }

  @Override
  public void close() {
    cache.invalidateAll();
  }
}
