package io.tidemark.bench.contestants;

import java.util.Map;
import java.util.Set;

/** A contestant that can look for many entries at once, and loads what is missing by itself. */
interface CacheAside extends Contestant {
  /** The items that are cached, in a map of the caller's. */
  Map<Integer, Item> cached(Set<Integer> ids);

  @Override
  default Map<Integer, Item> readAll(Set<Integer> ids) throws Exception {
    Map<Integer, Item> items = cached(ids);
    for (int id : ids) {
      if (!items.containsKey(id)) {
        items.put(id, read(id));
      }
    }
    return items;
  }
}
