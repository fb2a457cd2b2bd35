package io.tidemark.bench.contestants;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;

/** The pattern as it is mostly written: a mutex of ZooKeeper for each key, GET and SET. */
final class PlainMutex implements Contestant {
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
    InterProcessMutex mutex = new InterProcessMutex(zookeeper, "/mutex/" + id);
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
  public void changed(Item item) {
    items.delete(item.id());
  }

  @Override
  public void close() {
    items.close();
    zookeeper.close();
  }
}
