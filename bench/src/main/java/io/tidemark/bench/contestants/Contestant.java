package io.tidemark.bench.contestants;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A cache of items in front of a source. Thread-safe. */
public interface Contestant extends AutoCloseable {
  /** Reads an item from the cache, or from the source if it is not there. */
  Item read(int id) throws Exception;

  /** Reads many items at once; one after the other where the contestant has nothing for it. */
  default Map<Integer, Item> readAll(Set<Integer> ids) throws Exception {
    Map<Integer, Item> items = new HashMap<>();
    for (int id : ids) {
      items.put(id, read(id));
    }
    return items;
  }

  /** Drops an item from the cache, so that the next read loads it. */
  void drop(int id) throws Exception;

  /** Does to the cache what the contestant's documentation says after a change in the source. */
  default void changed(Item item) throws Exception {
    drop(item.id());
  }

  /** Changes an item in the source and in the cache, as the contestant's documentation shows. */
  void update(Item item) throws Exception;

  @Override
  void close();
}
