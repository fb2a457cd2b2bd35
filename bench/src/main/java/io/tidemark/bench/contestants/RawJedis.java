package io.tidemark.bench.contestants;

/** GET, else load and SET: no protection of any kind. */
final class RawJedis implements Contestant {
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
  public void changed(Item item) {
    items.delete(item.id());
  }

  @Override
  public void close() {
    items.close();
  }
}
