package io.tidemark;

import io.tidemark.options.OptionRules;

/**
 * When a value that is still fresh is loaded anew in the background, so that no caller ever waits
 * for it to expire. One process in the fleet loads; readers go on to get the value. Immutable;
 * thread-safe.
 */
public sealed interface RefreshAhead {

  /** {@link #xFetch(double)} with a beta of 1. */
  static RefreshAhead xFetch() {
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
  static RefreshAhead xFetch(double beta) {
    return new XFetch(beta);
  }

  /**
   * At the first hit after a fixed part of the value's own time to live: that of its row, where it
   * has one, and less its part of {@link CacheBuilder#ttlJitter}.
   *
   * @param fraction 0.1 to 0.99
   */
  static RefreshAhead afterFraction(double fraction) {
    return new AfterFraction(fraction);
  }

  /**
   * What {@link #xFetch(double)} gives.
   *
   * @param beta 0.01 to 100
   */
  record XFetch(double beta) implements RefreshAhead {
    /** Refuses what is out of range. */
    public XFetch {
      OptionRules.within(0.01, 100, "beta", beta);
    }
  }

  /**
   * What {@link #afterFraction} gives.
   *
   * @param fraction 0.1 to 0.99
   */
  record AfterFraction(double fraction) implements RefreshAhead {
    /** Refuses what is out of range. */
    public AfterFraction {
      OptionRules.within(0.1, 0.99, "fraction", fraction);
    }
  }
}
