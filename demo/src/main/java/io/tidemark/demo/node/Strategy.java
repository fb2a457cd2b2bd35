package io.tidemark.demo.node;

/** A way to read products through Redis. Thread-safe. */
interface Strategy {

  /** Makes the next read of a product go to the database. */
  void clear(ProductRead read);

  /**
   * Reads a product; what it found does not matter.
   *
   * @param meeting of the callers who do this at the same time
   */
  void read(ProductRead read, Meeting meeting) throws Exception;
}
