package io.tidemark;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How a process waits for another one that loads or writes the same key. However many callers of a
 * process wait for a key, one of its threads waits for the other process. Immutable; thread-safe.
 */
public final class WaitStrategy {
  private static final WaitStrategy EVENT_DRIVEN =
      new WaitStrategy(Duration.ZERO, Duration.ZERO, 0);

  private final Duration first;
  private final Duration longest;
  private final double jitter;

  private WaitStrategy(Duration first, Duration longest, double jitter) {
    this.first = first;
    this.longest = longest;
    this.jitter = jitter;
  }

  /**
   * Be told by the lock service when the holder is gone, as far as the service can. The default.
   */
  public static WaitStrategy eventDriven() {
    return EVENT_DRIVEN;
  }

  /**
   * Look again after 100, 200, 400, 800, and then every 1600 ms, each shortened by up to a half.
   */
  public static WaitStrategy exponentialBackoff() {
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
  public static WaitStrategy exponentialBackoff(Duration first, Duration longest, double jitter) {
    OptionRules.positive("first", first);
    OptionRules.positive("longest", longest);
    OptionRules.check(
        longest.compareTo(first) >= 0,
        "longest is %s; it must be at least first, %s".formatted(longest, first));
    return new WaitStrategy(first, longest, OptionRules.within(0, 0.9, "jitter", jitter));
  }

  /** Look again every {@code interval}, 1 ms or more. */
  public static WaitStrategy fixedInterval(Duration interval) {
    OptionRules.positive("interval", interval);
    return new WaitStrategy(interval, interval, 0);
  }

  /**
   * Waits once, after which the slot is worth a look.
   *
   * @param round how often this was called before in the same wait
   * @return false if the deadline has passed
   */
  boolean await(LockAttempt.Holder holder, int round, Deadline deadline, RandomGenerator random)
      throws InterruptedException {
    if (first.isZero()) {
      return holder.awaitGone(deadline);
    }
    if (deadline.hasPassed()) {
      return false;
    }
    deadline.sleep(pauseNanos(round, random));
    return true;
  }

  private long pauseNanos(int round, RandomGenerator random) {
    double doubled = first.toNanos() * Math.pow(2, round);
    double pause = Math.min(doubled, (double) longest.toNanos());
    return jitter == 0 ? (long) pause : (long) (pause * (1 - jitter * random.nextDouble()));
  }
}
