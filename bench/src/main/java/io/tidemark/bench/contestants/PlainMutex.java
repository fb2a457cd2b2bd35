package io.tidemark.bench.contestants;

import java.util.Map;
import java.util.Set;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;

/** The pattern as it is mostly written: a mutex of ZooKeeper for each key, GET and SET. */
final class PlainMutex implements CacheAside {
  private final JedisItems items;
  private final CuratorFramework zookeeper;
  private final Source source;

  PlainMutex(Setting setting) {
    this.items = new JedisItems(setting, "mutex:");
    this.zookeeper = ZooKeeperClient.start(setting);
    this.source = setting.source();
  }

  @Override
  public Item read(int id) throws Exception {
    Item cached = items.get(id);
    if (cached != null) {
      return cached;
    }
    InterProcessMutex mutex = mutex(id);
    mutex.acquire();
    try {
      cached = items.get(id);
      if (cached != null) {
        return cached;
      }
      Item loaded = source.load(id);
      items.set(loaded);
      return loaded;
    } finally {
      mutex.release();
    }
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
    InterProcessMutex mutex = mutex(item.id());
    mutex.acquire();
    try {
      source.save(item);
      items.set(item);
    } finally {
      mutex.release();
    }
  }

  private InterProcessMutex mutex(int id) {
    return new InterProcessMutex(zookeeper, "/mutex/" + id);
  }

  @Override
  public void close() {
    items.close();
    zookeeper.close();
  }
}
