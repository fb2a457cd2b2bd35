package io.tidemark.engine;

import io.tidemark.engine.Flight.Seat;
import io.tidemark.spi.Slot;

/** Where a call takes its seats: on flights that take off at once, or together with others. */
interface Boarding<K, V> {
  /** What a flight is for. */
  enum Kind {
    /** An answer, by the cache: any entry will do. */
    READ,

    /** A row that was read after the callers asked: a read may end with the entry from before. */
    REFRESH,

    /** An answer past the cache, for which there is a limit of its own. */
    FALLBACK,

    /** An answer past the cache, for a read that bypasses it: likewise, by another limit. */
    BYPASS;

    /** Whether the source is read without lock, claim and store. */
    boolean isPastTheCache() {
      return this == FALLBACK || this == BYPASS;
    }
  }

  /**
   * Takes a seat on a key's flight; if there is none, one takes off, or will.
   *
   * @param isClaimed whether the slot has a claim: somebody is likely to hold the key's lock
   */
  Seat<V> takeSeat(Kind kind, CacheKey<K> key, Caller caller, boolean isClaimed);

  /** Takes a seat likewise, where nothing is known of a claim. */
  default Seat<V> takeSeat(Kind kind, CacheKey<K> key, Caller caller) {
    return takeSeat(kind, key, caller, false);
  }

  /** Takes the only seat on a flight of the caller's own. */
  Seat<V> takeOwnSeat(Kind kind, CacheKey<K> key, Caller caller);

  /** Has a value that was hit loaded anew in the background, if it is due. */
  void refreshIfDue(CacheKey<K> key, Slot slot, Terms terms);
}
