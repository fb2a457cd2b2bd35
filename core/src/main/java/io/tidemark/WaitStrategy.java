package io.tidemark;

import io.tidemark.options.OptionRules;
import java.time.Duration;

/**
 * How a process waits for another one that loads or writes the same key. However many callers of a
 * process wait for a key, one of its threads waits for the other process. Immutable; thread-safe.
 */
public sealed interface WaitStrategy {

  /**
   * Be told by the lock service when the holder is gone, as far as the service can. The default.
   */
  static WaitStrategy eventDriven() {
    return new EventDriven();
  }

  /**
   * Look again after 100, 200, 400, 800, and then every 1600 ms, each shortened by up to a half.
   */
  static WaitStrategy exponentialBackoff() {
    return exponentialBackoff(Duration.ofMillis(100), Duration.ofMillis(1600), 0.5);
  }

  /**
   * Look again after pauses that double.
   *
   * @param first the first pause, 1 ms or more
   * @param longest where the doubling ends, at least the first
   * @param jitter the largest part of each pause that is taken off by chance, 0 to 0.9, so that
   *     processes that began together do not look together
   */
  static WaitStrategy exponentialBackoff(Duration first, Duration longest, double jitter) {
    return new Backoff(first, longest, jitter);
  }

  /** Look again every {@code interval}, 1 ms or more. */
  static WaitStrategy fixedInterval(Duration interval) {
    OptionRules.positive("interval", interval);
    return new Backoff(interval, interval, 0);
  }

  /** What {@link #eventDriven} gives. */
  record EventDriven() implements WaitStrategy {}

  /**
   * What {@link #exponentialBackoff(Duration, Duration, double)} and {@link #fixedInterval} give.
   *
   * @param first the first pause, 1 ms or more
   * @param longest where the doubling of pauses ends, at least the first
   * @param jitter the largest part of each pause that is taken off by chance, 0 to 0.9
   */
  record Backoff(Duration first, Duration longest, double jitter) implements WaitStrategy {
    /** Refuses what is out of range. */
    public Backoff {
      OptionRules.positive("first", first);
      OptionRules.positive("longest", longest);
      OptionRules.check(
          longest.compareTo(first) >= 0,
          "longest is %s; it must be at least first, %s".formatted(longest, first));
      OptionRules.within(0, 0.9, "jitter", jitter);
    }
  }
}
