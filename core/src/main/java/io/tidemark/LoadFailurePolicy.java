package io.tidemark;

/** What a read does when the source fails. */
public enum LoadFailurePolicy {
  /** Throws {@link LoadFailedException}. */
  FAIL,
  /**
   * Serves the expired value that {@link CacheBuilder#grace} kept, as {@link Origin#CACHE_STALE};
   * throws if there is none.
   */
  STALE
}
