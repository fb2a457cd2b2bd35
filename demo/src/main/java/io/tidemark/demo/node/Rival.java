package io.tidemark.demo.node;

import io.tidemark.Row;

/**
 * A cache of a usual kind, to compare Tidemark with. Each is written as one finds it in programs,
 * in the open and in full: what it gets wrong is no slip of its code. Thread-safe.
 */
interface Rival {
  /**
   * What a reader gets.
   *
   * @param row the product, or that there is none
   * @param source where it came from, in the words of the first seed
   * @param lockAcquired whether this reader had the lock
   * @param retries how often it looked again
   */
  record Answer(Row<Product> row, String source, boolean lockAcquired, int retries) {
    static Answer cached(Row<Product> row) {
      return new Answer(row, "cache", false, 0);
    }

    static Answer loaded(Row<Product> row) {
      return new Answer(row, "database", false, 0);
    }
  }

  /** Reads a product. */
  Answer read(ProductRead read) throws Exception;

  /** Changes a product in the database, and does what this cache does after a change. */
  Row<Product> update(long id, ProductFields fields) throws Exception;
}
