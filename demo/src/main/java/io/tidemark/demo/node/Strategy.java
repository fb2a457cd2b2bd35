package io.tidemark.demo.node;

/** A way to read products through Redis. Thread-safe. */
interface Strategy {

  /** Makes the next read of a product go to the database. */
  void clear(ProductRead read);

  /** Reads a product; what it found does not matter. */
  void read(ProductRead read) throws Exception;
}
