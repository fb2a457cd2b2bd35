package io.tidemark;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When a value that is still fresh is loaded anew in the background, so that no caller ever waits
 * for it to expire. One process in the fleet loads; readers go on to get the value. Immutable;
 * thread-safe.
 */
public abstract sealed class RefreshAhead {
  private RefreshAhead() {}

  /** {@link #xFetch(double)} with a beta of 1. */
  public static RefreshAhead xFetch() {
    return xFetch(1);
  }

  /**
   * Early by chance, the more likely the nearer the expiry and the longer the load takes: each hit
   * refreshes with the probability that an exponentially distributed time, of the load's time times
   * {@code beta} on average, is longer than what is left of the value's life. So rarely read keys
   * expire, and often read ones are refreshed once, shortly before.
   *
   * <p>Source: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede
   * Prevention", VLDB 2015.
   *
   * @param beta above 1 is earlier, below 1 is later; 0.01 to 100
   */
  public static RefreshAhead xFetch(double beta) {
    return new XFetch(OptionRules.within(0.01, 100, "beta", beta));
  }

  /**
   * At the first hit after a fixed part of the value's own time to live: that of its row, where it
   * has one, and less its part of {@link CacheBuilder#ttlJitter}.
   *
   * @param fraction 0.1 to 0.99
   */
  public static RefreshAhead afterFraction(double fraction) {
    return new AfterFraction(OptionRules.within(0.1, 0.99, "fraction", fraction));
  }

  /**
   * Whether a hit should refresh its value.
   *
   * @param freshFor how much longer the value is fresh
   * @param loadTime how long its load took
   * @param life how long it is fresh in all
   */
  abstract boolean isDue(
      Duration freshFor, Duration loadTime, Duration life, RandomGenerator random);

  private static final class XFetch extends RefreshAhead {
    private final double beta;

    XFetch(double beta) {
      this.beta = beta;
    }

    @Override
    boolean isDue(Duration freshFor, Duration loadTime, Duration life, RandomGenerator random) {
      // nextDouble may be 0, of which there is no logarithm, and is never 1.
      double early = loadTime.toNanos() * beta * -Math.log(1 - random.nextDouble());
      return early >= freshFor.toNanos();
    }
  }

  private static final class AfterFraction extends RefreshAhead {
    private final double fraction;

    AfterFraction(double fraction) {
      this.fraction = fraction;
    }

    @Override
    boolean isDue(Duration freshFor, Duration loadTime, Duration life, RandomGenerator random) {
      return freshFor.toNanos() <= (1 - fraction) * life.toNanos();
    }
  }
}
