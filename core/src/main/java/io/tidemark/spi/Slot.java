package io.tidemark.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a store holds for a key at one moment. Immutable; safe to share between threads.
 *
 * <p>Versions and floors are 0 to 2^63-1, or {@link Version#NONE}; fences are 1 to 2^63-1 of a
 * lock, -(2^63-1) to -1 of a {@link Ballot}, or {@link LockHandle#NO_FENCE}.
 *
 * <p>The writer and the times of a slot are for people and for weighing costs; no transition
 * depends on them.
 */
public sealed interface Slot {

  /** Nothing is known of the key: it was never filled, or it expired or was evicted. */
  record Empty() implements Slot {}

  /**
   * No entry. The holder of {@code fence} may fill the slot.
   *
   * @param fence the fence of the claim, or {@link LockHandle#NO_FENCE} if there is none
   * @param floor the highest version known to exist, or {@link Version#NONE}
   * @param claimEndsAt when the claim ends unless it is renewed, by the store's clock; {@link
   *     Instant#EPOCH} if there is none
   * @param floorEndsAt when the floor ends, by the store's clock, except for the claim that carries
   *     it; {@link Instant#EPOCH} if there is none
   * @param writer the name of the store that wrote it; see {@link WriterName}
   * @param writtenAt when the claim was made, or the entry was dropped, by the store's clock
   */
  record Pending(
      long fence,
      long floor,
      Instant claimEndsAt,
      Instant floorEndsAt,
      String writer,
      Instant writtenAt)
      implements Slot {
    /** A slot with an unknown writer and unknown times, as {@link Slot#bare} returns it. */
    public Pending(long fence, long floor) {
      this(
          fence,
          floor,
          Instant.EPOCH,
          Instant.EPOCH,
          Filling.UNKNOWN.writer(),
          Filling.UNKNOWN.writtenAt());
    }
  }

  /**
   * An entry.
   *
   * @param version the version that the source gave the row
   * @param payload the encoded value
   * @param freshness whether its time to live has passed and only its grace time keeps it
   * @param filling who wrote it, when, and how long its load took
   * @param reservation the claim of the load that reserved it, with the version as its floor; null
   *     if none has
   */
  record Value(
      long version,
      Payload payload,
      Freshness freshness,
      Filling filling,
      @Nullable Pending reservation)
      implements Slot {
    /** A slot with an unknown writer and unknown times, as {@link Slot#bare} returns it. */
    public Value(long version, Payload payload, Freshness freshness) {
      this(version, payload, freshness, Filling.UNKNOWN);
    }

    /** An entry that is not reserved. */
    public Value(long version, Payload payload, Freshness freshness, Filling filling) {
      this(version, payload, freshness, filling, null);
    }
  }

  /**
   * The source has no such row.
   *
   * @param floor the highest version known to have existed, or {@link Version#NONE}
   * @param freshness whether its time to live has passed and only its grace time keeps it
   * @param filling who wrote it, when, and how long its load took
   * @param reservation the claim of the load that reserved it, with the floor as its floor; null if
   *     none has
   */
  record Absent(long floor, Freshness freshness, Filling filling, @Nullable Pending reservation)
      implements Slot {
    /** A slot with an unknown writer and unknown times, as {@link Slot#bare} returns it. */
    public Absent(long floor, Freshness freshness) {
      this(floor, freshness, Filling.UNKNOWN);
    }

    /** An entry that is not reserved. */
    public Absent(long floor, Freshness freshness, Filling filling) {
      this(floor, freshness, filling, null);
    }
  }

  /** The bytes are not a slot of a known format. A miss; the next claim replaces them. */
  record Damaged() implements Slot {}

  /** Whether an entry may be served as a hit. */
  enum Freshness {
    /** Within its time to live. */
    FRESH,
    /** Past its time to live, within its grace time: only for a caller that accepts it. */
    EXPIRED
  }

  /** Whether this slot answers a read: it is a fresh value or a fresh absence. */
  default boolean isHit() {
    return (this instanceof Value value && value.freshness() == Freshness.FRESH)
        || (this instanceof Absent absent && absent.freshness() == Freshness.FRESH);
  }

  /** The claim on this slot, or the reservation of its entry; null if there is none. */
  default @Nullable Pending claim() {
    if (this instanceof Pending pending) {
      return pending.fence() == LockHandle.NO_FENCE ? null : pending;
    }
    if (this instanceof Value value) {
      return value.reservation();
    }
    return this instanceof Absent absent ? absent.reservation() : null;
  }

  /** Whether this slot is an entry, fresh or expired. */
  default boolean isEntry() {
    return this instanceof Value || this instanceof Absent;
  }

  /**
   * This slot without its writer and times, and its entry's reservation, so that two reads of one
   * state are equal.
   */
  default Slot bare() {
    if (this instanceof Pending pending) {
      return new Pending(pending.fence(), pending.floor());
    }
    if (this instanceof Value value) {
      return new Value(value.version(), value.payload(), value.freshness());
    }
    return this instanceof Absent absent ? new Absent(absent.floor(), absent.freshness()) : this;
  }
}
