package io.tidemark.engine;

/**
 * What is to be loaded under a key's lock, and for whom. Immutable.
 *
 * @param flight takes the callers to what is found
 * @param terms of the caller that started the flight
 * @param isClaimed whether the slot had a claim: somebody is likely to hold the key's lock
 */
record LoadOrder<K, V>(
    CacheKey<K> key, Flight<V> flight, Terms terms, Purpose purpose, boolean isClaimed) {

  /** What a load is for. */
  enum Purpose {
    /** An answer: an entry that another load or write has made will do. */
    READ,
    /** An entry that was read from the source after the callers asked for it. */
    REFRESH
  }
}
