package io.tidemark;

/**
 * What a read does when it cannot go the usual way in time: the lock service or the store is away,
 * or whoever loads the key takes longer than {@link CacheBuilder#waitLimit}.
 */
public enum FallbackPolicy {
  /** Throw, so that the source sees no load that the cache did not order. */
  FAIL,
  /**
   * Read the source without lock and without caching, once per key and process, through the limit
   * of {@link CacheBuilder#maxFallbackLoads}; throw when the limit is reached, or when the cache's
   * {@link CacheBuilder#executor} takes no task: nothing is loaded on a caller's thread.
   */
  LOAD,
  /** Serve the expired value that {@link CacheBuilder#grace} kept; throw where there is none. */
  STALE
}
