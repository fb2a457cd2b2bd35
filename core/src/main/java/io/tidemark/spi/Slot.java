package io.tidemark.spi;

/**
 * What a store holds for a key at one moment. Immutable; safe to share between threads.
 *
 * <p>Versions and floors are 0 to 2^63-1, or {@link Version#NONE}; fences are 1 to 2^63-1, or
 * {@link LockHandle#NO_FENCE}.
 */
public sealed interface Slot {

  /** Nothing is known of the key: it was never filled, or it expired or was evicted. */
  record Empty() implements Slot {}

  /**
   * No entry, and whoever holds {@code fence} may fill.
   *
   * @param fence the fence that may fill, or {@link LockHandle#NO_FENCE} if nobody may
   * @param floor the highest version known to exist, or {@link Version#NONE}
   */
  record Pending(long fence, long floor) implements Slot {}

  /**
   * An entry.
   *
   * @param version the version that the source gave the row
   * @param payload the encoded value
   * @param freshness whether its time to live has passed and only its grace time keeps it
   */
  record Value(long version, Payload payload, Freshness freshness) implements Slot {}

  /**
   * The source has no such row.
   *
   * @param floor the highest version known to have existed, or {@link Version#NONE}
   * @param freshness whether its time to live has passed and only its grace time keeps it
   */
  record Absent(long floor, Freshness freshness) implements Slot {}

  /** The bytes are no slot of a format known here. Reads as a miss; the next claim replaces it. */
  record Damaged() implements Slot {}

  /** Whether an entry may be served as a hit. */
  enum Freshness {
    /** Within its time to live. */
    FRESH,
    /** Past its time to live, within its grace time: only for a caller that accepts it. */
    EXPIRED
  }

  /** Whether a read is answered by this slot alone: a fresh value or a fresh absence. */
  default boolean isHit() {
    return (this instanceof Value value && value.freshness() == Freshness.FRESH)
        || (this instanceof Absent absent && absent.freshness() == Freshness.FRESH);
  }
}
