package io.tidemark.memory;

import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Filling;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A slot at the moment of a verb, and the ways in which the verb can leave it. Immutable.
 *
 * @param cell the cell as it is, if there is one
 * @param nanos the moment, by the ticker
 * @param slot what readers see at the moment
 * @param writer whose verb it is
 * @param time the moment, as a slot tells it
 */
record Moment(@Nullable Cell cell, long nanos, Slot slot, String writer, Instant time) {

  static Moment of(@Nullable Cell cell, long nanos, String writer, Instant time) {
    Slot slot = cell == null ? new Slot.Empty() : cell.at(nanos);
    return new Moment(cell, nanos, slot, writer, time);
  }

  /** The cell as it is, life and all; an expired one is dropped. */
  <A> Change<A> unchanged(A answer) {
    return new Change<>(answer, slot instanceof Slot.Empty ? null : cell);
  }

  <A> Change<A> pending(A answer, long fence, long floor, Duration life) {
    if (life.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException("pendingLife is " + life + "; it must be 1 ms or more");
    }
    long goneAt = after(life);
    Slot pending = new Slot.Pending(fence, floor, writer, time);
    return new Change<>(answer, new Cell(pending, goneAt, goneAt));
  }

  /** A slot that nobody may fill, for its floor's sake alone; empty without a floor. */
  <A> Change<A> floor(A answer, long floor, Duration life) {
    return floor == Version.NONE
        ? new Change<>(answer, null)
        : pending(answer, LockHandle.NO_FENCE, floor, life);
  }

  /** The row as the entry. An absence keeps the highest version known. */
  <A> Change<A> entry(A answer, EncodedRow row, long floor, Lifetime lifetime) {
    Filling filling = new Filling(writer, time, row.loadTime(), Duration.ZERO);
    Slot entry =
        row instanceof EncodedRow.Present present
            ? new Slot.Value(present.version(), present.payload(), Freshness.FRESH, filling)
            : new Slot.Absent(Math.max(floor, row.version()), Freshness.FRESH, filling);
    // Each part is capped by itself, so that their sum cannot overflow.
    long expiresAt = after(lifetime.fresh());
    return new Change<>(answer, new Cell(entry, expiresAt, expiresAt + capped(lifetime.grace())));
  }

  private long after(Duration life) {
    return nanos + capped(life);
  }

  /**
   * A quarter of all nanoseconds, 73 years, is for ever, and keeps differences from overflowing.
   */
  private static long capped(Duration life) {
    long most = Long.MAX_VALUE / 4;
    return life.compareTo(Duration.ofNanos(most)) >= 0 ? most : life.toNanos();
  }
}
