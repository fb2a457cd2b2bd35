package io.tidemark.bench.contestants;

/** Where the items come from. Thread-safe. */
@FunctionalInterface
public interface Source {
  /** Reads an item; takes as long as the measurement asks for. */
  Item load(int id) throws Exception;

  /**
   * Changes an item. Takes no time, and keeps nothing, where the items are made as they are read.
   */
  default void save(Item item) throws Exception {}
}
