package io.tidemark.engine;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadProfile;
import io.tidemark.spi.Finding;
import java.time.Duration;
import java.util.Optional;

/** Says which options to set otherwise, where those of a cache do not fit what they meet. */
final class Advice {
  private Advice() {}

  /** About loads that take longer than their bound. */
  static String beyond(Duration maxLoadTime) {
    if (maxLoadTime.compareTo(LoadProfile.NORMAL.maxLoadTime()) < 0) {
      return "take LoadProfile.NORMAL";
    }
    return maxLoadTime.compareTo(LoadProfile.SLOW.maxLoadTime()) < 0
        ? "take LoadProfile.SLOW"
        : "raise maxLoadTime";
  }

  /**
   * About callers that do not wait longer for a key than it stays locked by a holder that has
   * crashed; empty if they do.
   *
   * @param noticedWithin how long it may stay locked
   */
  static Optional<Finding> aboutCrashes(Terms terms, Duration noticedWithin) {
    if (noticedWithin.compareTo(terms.waitLimit()) < 0) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.warning(
            "waitLimit",
            "it is %s, and the lock of a process that has crashed may stay taken for %s: until then %s"
                .formatted(
                    terms.waitLimit(),
                    noticedWithin,
                    terms.fallback() == FallbackPolicy.FAIL
                        ? "reads of its keys fail"
                        : "onFallback decides about reads of its keys"),
            "raise deadline and waitLimit above that time, shorten the session timeout or the life"
                + " of the locks, or take onFallback(LOAD)"));
  }
}
