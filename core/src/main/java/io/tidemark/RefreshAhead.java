package io.tidemark;

import io.tidemark.options.OptionRules;

/**
 * When to load a value in the background while it is still fresh, so that no caller waits for it to
 * expire. One process in the fleet loads; readers keep getting the value. Immutable; thread-safe.
 */
public sealed interface RefreshAhead {

  /** Same as {@link #xFetch(double)} with a beta of 1. */
  static RefreshAhead xFetch() {
    return xFetch(1);
  }

  /**
   * Refreshes early at random, more likely the nearer the expiry and the longer the load takes.
   * Each hit draws an exponentially distributed time, with a mean of the load time times {@code
   * beta}, and refreshes if that time is longer than what is left of the value's life. So rarely
   * read keys expire, and often read ones are refreshed once, shortly before.
   *
   * <p>Source: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede
   * Prevention", VLDB 2015.
   *
   * @param beta 0.01 to 100; above 1 refreshes earlier, below 1 later
   */
  static RefreshAhead xFetch(double beta) {
    return new XFetch(beta);
  }

  /**
   * Refreshes at the first hit after a fixed part of the value's own time to live: that of its row,
   * if it has one, less what {@link CacheBuilder#ttlJitter} took off.
   *
   * @param fraction 0.1 to 0.99
   */
  static RefreshAhead afterFraction(double fraction) {
    return new AfterFraction(fraction);
  }

  /**
   * Made by {@link #xFetch(double)}.
   *
   * @param beta 0.01 to 100
   */
  record XFetch(double beta) implements RefreshAhead {
    /** Checks the range. */
    public XFetch {
      OptionRules.within(0.01, 100, "beta", beta);
    }
  }

  /**
   * Made by {@link #afterFraction}.
   *
   * @param fraction 0.1 to 0.99
   */
  record AfterFraction(double fraction) implements RefreshAhead {
    /** Checks the range. */
    public AfterFraction {
      OptionRules.within(0.1, 0.99, "fraction", fraction);
    }
  }
}
