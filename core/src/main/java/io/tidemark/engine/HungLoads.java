package io.tidemark.engine;

import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the loads that were given up and have not returned, and whose places others have: each
 * holds a thread beyond the limits of loads, so there is a limit for them. Thread-safe.
 */
final class HungLoads {
  private final int max;
  private final ThrottledLog log;
  private final AtomicInteger number = new AtomicInteger();

  HungLoads(Settings<?, ?> settings) {
    this.max = settings.limits().maxHungLoads();
    this.log = new ThrottledLog(HungLoads.class, settings.ticker());
  }

  /** Adds a load. Returns false if that would be one too many: then it must keep its place. */
  boolean add() {
    return number.getAndUpdate(before -> Math.min(before + 1, max)) < max;
  }

  /** Removes a load that was added and has returned. */
  void remove() {
    number.decrementAndGet();
  }

  /**
   * Warns that a load was given up.
   *
   * @param thread the name of the thread that it holds
   */
  void tell(SlotKey key, String reason, String thread, Duration maxLoadTime) {
    log.warn(
        "{}: {}; it still holds the thread {}, and {} such loads of maxHungLoads={} hold one; {}",
        key,
        reason,
        thread,
        number,
        max,
        Advice.beyond(maxLoadTime));
  }
}
