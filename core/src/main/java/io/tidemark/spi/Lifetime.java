package io.tidemark.spi;

import java.time.Duration;

/**
 * How long an entry is kept, measured by the store's clock. Immutable.
 *
 * @param fresh how long it is served as a hit; at least 1 ms
 * @param grace how long it is kept after that as {@link Slot.Freshness#EXPIRED}; zero or more
 */
public record Lifetime(Duration fresh, Duration grace) {
  /** Refuses a fresh time under 1 ms and a negative grace time. */
  public Lifetime {
    if (fresh.toMillis() < 1) {
      throw new IllegalArgumentException("fresh is " + fresh + "; it must be 1 ms or more");
    }
    if (grace.isNegative()) {
      throw new IllegalArgumentException("grace is " + grace + "; it must be zero or more");
    }
  }
}
