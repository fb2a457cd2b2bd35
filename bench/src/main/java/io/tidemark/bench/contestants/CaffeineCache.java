package io.tidemark.bench.contestants;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.Map;
import java.util.Set;

/** The limit: a cache of one process, which others do not see. */
final class CaffeineCache implements Contestant {
  /** More than any work reads twice. Without a limit, millions of misses would fill the heap. */
  private static final int MOST_ENTRIES = 100_000;

  private final LoadingCache<Integer, Item> cache;
  private final Source source;

  CaffeineCache(Setting setting) {
    this.source = setting.source();
    this.cache =
        Caffeine.newBuilder()
            .maximumSize(MOST_ENTRIES)
            .expireAfterWrite(setting.ttl())
            .build(source::load);
  }

  @Override
  public Item read(int id) {
    return cache.get(id);
  }

  @Override
  public Map<Integer, Item> readAll(Set<Integer> ids) {
    return cache.getAll(ids);
  }

  @Override
  public void drop(int id) {
    cache.invalidate(id);
  }

  @Override
  public void update(Item item) {
    Item unused = cache.asMap().compute(item.id(), (id, old) -> saved(item));
  }

  private Item saved(Item item) {
    try {
      source.save(item);
      return item;
    } catch (Exception e) {
      throw new IllegalStateException("item " + item.id() + " cannot be saved", e);
    }
  }

  @Override
  public void close() {
    cache.invalidateAll();
  }
}
