package io.tidemark.engine;

import io.tidemark.RefreshAhead;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Decides whether a hit should refresh its value. */
final class RefreshTiming {
  private RefreshTiming() {}

  /**
   * Whether a value is due.
   *
   * @param freshFor how much longer the value is fresh
   * @param loadTime how long its load took
   * @param life how long it is fresh in all
   */
  static boolean isDue(
      RefreshAhead ahead,
      Duration freshFor,
      Duration loadTime,
      Duration life,
      RandomGenerator random) {
    if (ahead instanceof RefreshAhead.XFetch xFetch) {
      // nextDouble may be 0, of which there is no logarithm, and is never 1.
      double early = loadTime.toNanos() * xFetch.beta() * -Math.log(1 - random.nextDouble());
      return early >= freshFor.toNanos();
    }
    double fraction = ((RefreshAhead.AfterFraction) ahead).fraction();
    return freshFor.toNanos() <= (1 - fraction) * life.toNanos();
  }
}
