package io.tidemark;

/** What an update does when it cannot claim the slot before it writes. */
public enum ClaimRule {
  /** Throws, and does not run the write. */
  REQUIRED,
  /**
   * Runs the write anyway, and publishes the row after the commit as {@link VersionedCache#publish}
   * does. Until the row reaches the store, readers may get an older value: until the call returns
   * an outcome other than {@link WriteOutcome#UNKNOWN}; otherwise until the store is back and the
   * slot is repaired, within {@link CacheBuilder#repairTime}; and at the latest for {@link
   * CacheBuilder#maxLoadTime} plus the entry's time to live after the commit.
   */
  BEST_EFFORT
}
