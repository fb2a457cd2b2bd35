package io.tidemark;

import io.tidemark.options.OptionRules;
import java.time.Duration;

/**
 * How a process waits for another one that loads or writes the same key. However many callers in a
 * process wait for a key, only one thread waits for the other process. Immutable; thread-safe.
 */
public sealed interface WaitStrategy {

  /** Has the lock service report, as far as it can, that the holder is gone. The default. */
  static WaitStrategy eventDriven() {
    return new EventDriven();
  }

  /** Looks again after 100, 200, 400, 800, and then every 1600 ms, each shortened by up to half. */
  static WaitStrategy exponentialBackoff() {
    return exponentialBackoff(Duration.ofMillis(100), Duration.ofMillis(1600), 0.5);
  }

  /**
   * Looks again after pauses that double.
   *
   * @param first the first pause, 1 ms or more
   * @param longest the longest pause, at least the first
   * @param jitter the largest part of each pause that is taken off at random, 0 to 0.9, so that
   *     processes that began together do not look together
   */
  static WaitStrategy exponentialBackoff(Duration first, Duration longest, double jitter) {
    return new Backoff(first, longest, jitter);
  }

  /** Looks again every {@code interval}, 1 ms or more. */
  static WaitStrategy fixedInterval(Duration interval) {
    OptionRules.positive("interval", interval);
    return new Backoff(interval, interval, 0);
  }

  /** Made by {@link #eventDriven}. */
  record EventDriven() implements WaitStrategy {}

  /**
   * Made by {@link #exponentialBackoff(Duration, Duration, double)} and {@link #fixedInterval}.
   *
   * @param first the first pause, 1 ms or more
   * @param longest the longest pause, at least the first
   * @param jitter the largest part of each pause that is taken off at random, 0 to 0.9
   */
  record Backoff(Duration first, Duration longest, double jitter) implements WaitStrategy {
    /** Checks the ranges. */
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
