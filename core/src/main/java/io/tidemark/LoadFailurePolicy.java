package io.tidemark;

/** What a read does when the source fails. */
public enum LoadFailurePolicy {
  /** Throw {@link LoadFailedException}. */
  FAIL,
  /**
   * Serve the expired value that {@link CacheBuilder#grace} kept, as {@link Origin#CACHE_STALE};
   * throw where there is none.
   */
  STALE
}
