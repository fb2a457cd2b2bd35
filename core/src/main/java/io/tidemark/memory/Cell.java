package io.tidemark.memory;

import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;

/**
 * A slot as it was stored, with its times by the store's ticker. Immutable.
 *
 * @param stored the slot; an entry is {@link Freshness#FRESH} in here
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
    return nanos - expiresAtNanos >= 0 ? expired(stored) : stored;
  }

  /** Stays until it is replaced, as bytes that nobody knows have no life either. */
  static Cell damaged() {
    return new Cell(new Slot.Damaged(), 0, 0);
  }

  private static Slot expired(Slot slot) {
    if (slot instanceof Slot.Value value) {
      return new Slot.Value(value.version(), value.payload(), Freshness.EXPIRED);
    }
    return slot instanceof Slot.Absent absent
        ? new Slot.Absent(absent.floor(), Freshness.EXPIRED)
        : slot;
  }
}
