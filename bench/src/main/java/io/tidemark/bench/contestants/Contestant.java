package io.tidemark.bench.contestants;

/** A cache of items in front of a source. Thread-safe. */
public interface Contestant extends AutoCloseable {
  /** Reads an item from the cache, or from the source if it is not there. */
  Item read(int id) throws Exception;

  /** Does to the cache what the contestant's documentation says after a change in the source. */
  void changed(Item item) throws Exception;

  @Override
  void close();
}
