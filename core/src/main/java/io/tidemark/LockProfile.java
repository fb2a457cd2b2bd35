package io.tidemark;

import java.time.Duration;

/**
 * How patient a cache, or one call, is with the loads of its keys. Immutable.
 *
 * @param claimLife how long a claim lives unless its load renews it; see {@link
 *     CacheBuilder#claimLife}
 * @param deadline how long a call may take; see {@link CacheBuilder#deadline}
 * @param maxLoadTime how long a load renews its claim; see {@link CacheBuilder#maxLoadTime}
 */
public record LockProfile(Duration claimLife, Duration deadline, Duration maxLoadTime) {
  /** For queries of milliseconds: claims of 5 s, calls of 2 s, loads of up to 10 s. */
  public static final LockProfile FAST =
      new LockProfile(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(10));

  /** The default: claims of 10 s, calls of 5 s, loads of up to 1 minute. */
  public static final LockProfile NORMAL =
      new LockProfile(Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofMinutes(1));

  /** For reports and the like: claims of 30 s, calls of 30 s, loads of up to 5 minutes. */
  public static final LockProfile SLOW =
      new LockProfile(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMinutes(5));

  /** Refuses what is out of range, with the option, the value and the rule. */
  public LockProfile {
    OptionRules.claimLife(claimLife);
    OptionRules.positive("deadline", deadline);
    OptionRules.positive("maxLoadTime", maxLoadTime);
    checkBound(maxLoadTime, claimLife);
  }

  static void checkBound(Duration maxLoadTime, Duration claimLife) {
    OptionRules.check(
        maxLoadTime.compareTo(claimLife) >= 0,
        "maxLoadTime is %s; it must be at least the claimLife, %s"
            .formatted(maxLoadTime, claimLife));
  }

  /** What to do about loads that take longer than a bound, in words. */
  static String adviceBeyond(Duration maxLoadTime) {
    if (maxLoadTime.compareTo(NORMAL.maxLoadTime()) < 0) {
      return "take LockProfile.NORMAL";
    }
    return maxLoadTime.compareTo(SLOW.maxLoadTime()) < 0
        ? "take LockProfile.SLOW"
        : "raise maxLoadTime";
  }
}
