package io.tidemark.engine;

import io.tidemark.TidemarkException;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The loads that were given up and have not come back, as far as others have their places: each
 * holds a thread beyond the limits of loads, so that they have a limit of their own. Thread-safe.
 */
final class HungLoads {
  private final int max;
  private final ThrottledLog log;
  private final AtomicInteger number = new AtomicInteger();

  HungLoads(Settings<?, ?> settings) {
    this.max = settings.limits().maxHungLoads();
    this.log = new ThrottledLog(HungLoads.class, settings.ticker());
  }

  /** Adds a load; returns false if that is one too many, and it must keep its place. */
  boolean add() {
    return number.getAndUpdate(before -> Math.min(before + 1, max)) < max;
  }

  /** Says that a load that was added has come back. */
  void remove() {
    number.decrementAndGet();
  }

  /**
   * Says that a load was given up.
   *
   * @param thread the name of the thread that it holds
   */
  void tell(SlotKey key, TidemarkException failure, String thread, Duration maxLoadTime) {
    log.warn(
        "{}: {}; it still holds the thread {}, and {} such loads of maxHungLoads={} hold one; {}",
        key,
        failure.withoutKey(),
        thread,
        number,
        max,
        Terms.adviceBeyond(maxLoadTime));
  }
}
