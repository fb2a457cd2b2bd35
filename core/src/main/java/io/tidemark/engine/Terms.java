package io.tidemark.engine;

import io.tidemark.CallOptions;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.LoadProfile;
import io.tidemark.options.OptionRules;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Ticker;
import java.time.Duration;
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

  private static void checkNeedsGrace(
      String option, @Nullable Object value, boolean needsGrace, Duration grace) {
    OptionRules.check(
        !needsGrace || !grace.isZero(),
        "%s is %s and grace is %s; to serve expired values the grace must be above zero"
            .formatted(option, value, grace));
  }
}
