package io.tidemark;

import io.tidemark.options.OptionRules;
import java.time.Duration;

/**
 * How much time a cache, or a single call, allows for loads. Immutable. The product's first
 * description calls it a lock profile.
 *
 * @param claimLife how long a claim lives unless its load renews it; see {@link
 *     CacheBuilder#claimLife}
 * @param deadline how long a call may take; see {@link CacheBuilder#deadline}
 * @param maxLoadTime how long a load may take before it is given up; see {@link
 *     CacheBuilder#maxLoadTime}
 */
public record LoadProfile(Duration claimLife, Duration deadline, Duration maxLoadTime) {
  /**
   * For queries of milliseconds: claims of 5 s, calls of 2 s, loads of up to 10 s. Most lock
   * services notice a crashed holder later than that; until they do, reads of its keys fail, unless
   * {@link FallbackPolicy#LOAD} or {@link FallbackPolicy#STALE} lets them fall back.
   */
  public static final LoadProfile FAST =
      new LoadProfile(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(10));

  /**
   * The default: claims of 10 s, calls of 15 s, loads of up to 1 minute. A call waits up to 12 s
   * for a lock. That is longer than a crashed holder keeps its lock with ZooKeeper sessions of up
   * to 6 s, or with Redis locks of the default life, so readers of its keys wait for the next
   * holder and get no error.
   */
  public static final LoadProfile NORMAL =
      new LoadProfile(Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofMinutes(1));

  /** For reports and the like: claims of 30 s, calls of 30 s, loads of up to 5 minutes. */
  public static final LoadProfile SLOW =
      new LoadProfile(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMinutes(5));

  /** Refuses a value out of range, naming the option, the value and the rule. */
  public LoadProfile {
    checkedClaimLife(claimLife);
    OptionRules.positive("deadline", deadline);
    OptionRules.positive("maxLoadTime", maxLoadTime);
    OptionRules.check(
        maxLoadTime.compareTo(claimLife) >= 0,
        "maxLoadTime is %s; it must be at least the claimLife, %s"
            .formatted(maxLoadTime, claimLife));
  }

  /** Timers with a precision of a few milliseconds renew a claim three times in its life. */
  static Duration checkedClaimLife(Duration claimLife) {
    OptionRules.check(
        OptionRules.positive("claimLife", claimLife).toMillis() >= 30,
        "claimLife is " + claimLife + "; it must be 30 ms or more");
    return claimLife;
  }
}
