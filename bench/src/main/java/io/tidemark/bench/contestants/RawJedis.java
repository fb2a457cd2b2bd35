package io.tidemark.bench.contestants;

import java.util.Map;
import java.util.Set;

/** GET, else load and SET: no protection of any kind. */
final class RawJedis implements CacheAside {
  private final JedisItems items;
  private final Source source;

  RawJedis(Setting setting) {
    this.items = new JedisItems(setting, "raw:");
    this.source = setting.source();
  }

  @Override
  public Item read(int id) throws Exception {
    Item cached = items.get(id);
    if (cached != null) {
      return cached;
    }
    Item loaded = source.load(id);
    items.set(loaded);
    return loaded;
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
    items.set(item);
  }

  @Override
  public void close() {
    items.close();
  }
}
