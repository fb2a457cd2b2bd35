package io.tidemark.engine;

import io.tidemark.CallOptions;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.LoadProfile;
import io.tidemark.options.OptionRules;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a call is made with: the cache's options, unless {@link CallOptions} say otherwise. Each is
 * explained at the option of its name in {@link io.tidemark.CacheBuilder}. Immutable.
 *
 * @param profile claim life, deadline and the bound of a load
 * @param softTimeout null for none
 */
public record Terms(
    LoadProfile profile,
    Duration waitLimit,
    @Nullable Duration softTimeout,
    FallbackPolicy fallback,
    LoadFailurePolicy onLoadFailure) {

  /** Refuses waits that end after the deadline. */
  public Terms {
    OptionRules.check(
        waitLimit.compareTo(profile.deadline()) <= 0,
        "waitLimit is %s; it must be at most the deadline, %s"
            .formatted(waitLimit, profile.deadline()));
    OptionRules.check(
        softTimeout == null || softTimeout.compareTo(profile.deadline()) < 0,
        "softTimeout is %s; it must be below the deadline, %s"
            .formatted(softTimeout, profile.deadline()));
  }

  /** What is left of the deadline after it is for the fallback, or for publishing. */
  public static Duration defaultWaitLimit(Duration deadline) {
    return deadline.multipliedBy(4).dividedBy(5);
  }

  /** How long a failure of the source is remembered by default. */
  public static Duration defaultFailureTtl(LoadFailurePolicy onLoadFailure) {
    return onLoadFailure == LoadFailurePolicy.STALE ? Duration.ofSeconds(1) : Duration.ZERO;
  }

  /** These terms, with the options that some calls override. */
  Terms with(CallOptions options) {
    LoadProfile base = options.profile().orElse(profile);
    Duration deadline = options.deadline().orElse(base.deadline());
    return new Terms(
        new LoadProfile(base.claimLife(), deadline, base.maxLoadTime()),
        deadline.equals(profile.deadline()) ? waitLimit : defaultWaitLimit(deadline),
        options.softTimeout().orElse(softTimeout),
        options.onFallback().orElse(fallback),
        options.onLoadFailure().orElse(onLoadFailure));
  }

  /** Refuses what can have no effect, such as stale answers of a cache that keeps none. */
  void checkFits(Duration grace) {
    checkNeedsGrace("onFallback", fallback, fallback == FallbackPolicy.STALE, grace);
    checkNeedsGrace(
        "onLoadFailure", onLoadFailure, onLoadFailure == LoadFailurePolicy.STALE, grace);
    checkNeedsGrace("softTimeout", softTimeout, softTimeout != null, grace);
  }

  /** Whether an expired value may be the answer. */
  boolean mayServeStale() {
    return fallback == FallbackPolicy.STALE
        || onLoadFailure == LoadFailurePolicy.STALE
        || softTimeout != null;
  }

  /** The moment by which a call that begins now must have answered. */
  Deadline newDeadline(Ticker ticker) {
    return Deadline.after(profile.deadline(), ticker);
  }

  /**
   * Checks that callers wait longer for a key than it stays locked by a holder that has crashed.
   *
   * @param noticedWithin how long it may stay locked
   */
  Optional<Finding> checkCrash(Duration noticedWithin) {
    if (noticedWithin.compareTo(waitLimit) < 0) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.warning(
            "waitLimit",
            "it is %s, and the lock of a process that has crashed may stay taken for %s: until then %s"
                .formatted(
                    waitLimit,
                    noticedWithin,
                    fallback == FallbackPolicy.FAIL
                        ? "reads of its keys fail"
                        : "onFallback decides about reads of its keys"),
            "raise deadline and waitLimit above that time, shorten the session timeout or the life"
                + " of the locks, or take onFallback(LOAD)"));
  }

  /** Advice about loads that take longer than their bound. */
  static String adviceBeyond(Duration maxLoadTime) {
    if (maxLoadTime.compareTo(LoadProfile.NORMAL.maxLoadTime()) < 0) {
      return "take LoadProfile.NORMAL";
    }
    return maxLoadTime.compareTo(LoadProfile.SLOW.maxLoadTime()) < 0
        ? "take LoadProfile.SLOW"
        : "raise maxLoadTime";
  }

  private static void checkNeedsGrace(
      String option, @Nullable Object value, boolean needsGrace, Duration grace) {
    OptionRules.check(
        !needsGrace || !grace.isZero(),
        "%s is %s and grace is %s; to serve expired values the grace must be above zero"
            .formatted(option, value, grace));
  }
}
