package io.tidemark.engine;

/**
 * What is to be loaded under a key's lock, and for whom. Immutable.
 *
 * @param flight takes the callers to what is found
 * @param terms of the caller that started the flight
 */
record LoadOrder<K, V>(CacheKey<K> key, Flight<V> flight, Terms terms, Purpose purpose) {

  /** What a load is for. */
  enum Purpose {
    /** An answer: an entry that another load or write has made will do. */
    READ,
    /** An entry that was read from the source after the callers asked for it. */
    REFRESH
  }
}
