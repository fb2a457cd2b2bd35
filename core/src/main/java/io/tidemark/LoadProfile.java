package io.tidemark;

import io.tidemark.options.OptionRules;
import java.time.Duration;

/**
 * How patient a cache, or one call, is with the loads of its keys. Immutable.
 *
 * @param claimLife how long a claim lives unless its load renews it; see {@link
 *     CacheBuilder#claimLife}
 * @param deadline how long a call may take; see {@link CacheBuilder#deadline}
 * @param maxLoadTime how long a load may take before it is given up; see {@link
 *     CacheBuilder#maxLoadTime}
 */
public record LoadProfile(Duration claimLife, Duration deadline, Duration maxLoadTime) {
  /**
   * For queries of milliseconds: claims of 5 s, calls of 2 s, loads of up to 10 s. That is less
   * time than most lock services need to notice that a holder has crashed: until they do, reads of
   * its keys fail, unless they may fall back with {@link FallbackPolicy#LOAD} or {@link
   * FallbackPolicy#STALE}.
   */
  public static final LoadProfile FAST =
      new LoadProfile(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(10));

  /**
   * The default: claims of 10 s, calls of 15 s, loads of up to 1 minute. Of a call, 12 s are for
   * the wait for a lock, which is longer than the lock of a holder that has crashed stays taken
   * with ZooKeeper sessions of up to 6 s, or with locks on Redis and their default life: so the
   * readers of its keys wait for whoever takes over, and get no error.
   */
  public static final LoadProfile NORMAL =
      new LoadProfile(Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofMinutes(1));

  /** For reports and the like: claims of 30 s, calls of 30 s, loads of up to 5 minutes. */
  public static final LoadProfile SLOW =
      new LoadProfile(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMinutes(5));

  /** Refuses what is out of range, with the option, the value and the rule. */
  public LoadProfile {
    OptionRules.claimLife(claimLife);
    OptionRules.positive("deadline", deadline);
    OptionRules.positive("maxLoadTime", maxLoadTime);
    OptionRules.check(
        maxLoadTime.compareTo(claimLife) >= 0,
        "maxLoadTime is %s; it must be at least the claimLife, %s"
            .formatted(maxLoadTime, claimLife));
  }
}
