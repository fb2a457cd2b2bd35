package io.tidemark.memory;

import io.tidemark.spi.Filling;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import java.time.Duration;

/**
 * A slot as it was stored, with its times by the store's ticker. Immutable.
 *
 * @param stored the slot; an entry is {@link Freshness#FRESH} in here, for no stated time
 * @param expiresAtNanos when an entry stops being fresh
 * @param goneAtNanos when the slot is empty
 */
record Cell(Slot stored, long expiresAtNanos, long goneAtNanos) {

  /** What readers see at a moment. Moments are compared by difference, as tickers may wrap. */
  Slot at(long nanos) {
    if (stored instanceof Slot.Damaged) {
      return stored;
    }
    if (nanos - goneAtNanos >= 0) {
      return new Slot.Empty();
    }
    long freshNanos = Math.max(0, expiresAtNanos - nanos);
    Freshness freshness = freshNanos > 0 ? Freshness.FRESH : Freshness.EXPIRED;
    if (stored instanceof Slot.Value value) {
      return new Slot.Value(
          value.version(), value.payload(), freshness, freshFor(freshNanos, value.filling()));
    }
    return stored instanceof Slot.Absent absent
        ? new Slot.Absent(absent.floor(), freshness, freshFor(freshNanos, absent.filling()))
        : stored;
  }

  /** Stays until it is replaced, as bytes that nobody knows have no life either. */
  static Cell damaged() {
    return new Cell(new Slot.Damaged(), 0, 0);
  }

  private static Filling freshFor(long nanos, Filling stored) {
    return new Filling(
        stored.writer(), stored.writtenAt(), stored.loadTime(), Duration.ofNanos(nanos));
  }
}
