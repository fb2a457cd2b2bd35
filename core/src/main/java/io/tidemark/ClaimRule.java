package io.tidemark;

/** What an update does when it cannot claim the slot before it writes. */
public enum ClaimRule {
  /** It throws, and the write does not run. */
  REQUIRED,
  /**
   * It runs the write all the same, and publishes the row after the commit as {@link
   * VersionedCache#publish} does. Until that has reached the store, an older value may be served:
   * that is, until the call returns anything but {@link WriteOutcome#UNKNOWN}; or else until the
   * store is back and the slot repaired, within {@link CacheBuilder#repairTime}; or else, at the
   * latest, for {@link CacheBuilder#maxLoadTime} plus the entry's time to live after the commit.
   */
  BEST_EFFORT
}
