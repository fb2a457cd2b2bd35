package io.tidemark.memory;

import io.tidemark.spi.Filling;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stored slot with its ends, by the store's ticker. Immutable.
 *
 * @param lineage the lineage of the server that it was written in
 * @param stored the slot; an entry in it is always {@link Freshness#FRESH} and states no times
 * @param firstEndNanos when an entry stops being fresh, or a claim ends
 * @param lastEndNanos when an entry is gone, or a floor ends
 * @param reservation the last one of an expired entry, perhaps over; null if there was none
 */
record Cell(
    long lineage,
    Slot stored,
    long firstEndNanos,
    long lastEndNanos,
    @Nullable Reservation reservation) {

  /** A slot that is not reserved. */
  Cell(long lineage, Slot stored, long firstEndNanos, long lastEndNanos) {
    this(lineage, stored, firstEndNanos, lastEndNanos, null);
  }

  /** The same entry, reserved or not. */
  Cell with(@Nullable Reservation other) {
    return new Cell(lineage, stored, firstEndNanos, lastEndNanos, other);
  }

  /** Whether a server of a lineage has written the slot, or nobody has. */
  boolean isOf(long other) {
    return lineage == other || stored instanceof Slot.Damaged;
  }

  /** What is left of a slot of another lineage: its floor, unless that has ended. */
  Slot floorAt(long nanos) {
    boolean hasFloor =
        stored instanceof Slot.Pending pending
            && pending.floor() != Version.NONE
            && nanos - lastEndNanos < 0;
    return hasFloor ? floorOf((Slot.Pending) stored) : new Slot.Empty();
  }

  /** The version or the floor of an entry that is not gone; none if there is no such entry. */
  long versionAt(long nanos) {
    if (nanos - lastEndNanos >= 0) {
      return Version.NONE;
    }
    if (stored instanceof Slot.Value value) {
      return value.version();
    }
    return stored instanceof Slot.Absent absent ? absent.floor() : Version.NONE;
  }

  /** What readers see at a moment. Compared by difference, because a ticker may overflow. */
  Slot at(long nanos) {
    if (stored instanceof Slot.Damaged) {
      return stored;
    }
    boolean first = nanos - firstEndNanos < 0;
    boolean last = nanos - lastEndNanos < 0;
    if (stored instanceof Slot.Pending pending) {
      return first ? pending : last ? floorOf(pending) : new Slot.Empty();
    }
    if (!last) {
      return new Slot.Empty();
    }
    long freshNanos = firstEndNanos - nanos;
    Freshness freshness = freshNanos > 0 ? Freshness.FRESH : Freshness.EXPIRED;
    Slot.Pending claim =
        reservation != null && nanos - reservation.endNanos() < 0 ? reservation.claim() : null;
    if (stored instanceof Slot.Value value) {
      return new Slot.Value(
          value.version(),
          value.payload(),
          freshness,
          freshFor(freshNanos, value.filling()),
          claim);
    }
    return stored instanceof Slot.Absent absent
        ? new Slot.Absent(absent.floor(), freshness, freshFor(freshNanos, absent.filling()), claim)
        : stored;
  }

  /** Has no end: it stays until it is replaced. */
  static Cell damaged() {
    return new Cell(0, new Slot.Damaged(), 0, 0);
  }

  /** What is left of a slot once its claim has ended. */
  private static Slot floorOf(Slot.Pending pending) {
    return new Slot.Pending(
        LockHandle.NO_FENCE,
        pending.floor(),
        Instant.EPOCH,
        pending.floorEndsAt(),
        pending.writer(),
        pending.writtenAt());
  }

  private static Filling freshFor(long nanos, Filling stored) {
    return new Filling(
        stored.writer(),
        stored.writtenAt(),
        stored.loadTime(),
        stored.life(),
        Duration.ofNanos(Math.max(0, nanos)),
        Duration.ofNanos(Math.max(0, -nanos)));
  }
}
