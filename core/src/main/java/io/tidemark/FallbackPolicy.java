package io.tidemark;

/**
 * What a read does when it cannot use the cache in time: the lock service or the store is
 * unavailable, or another holder keeps the key longer than {@link CacheBuilder#waitLimit}.
 */
public enum FallbackPolicy {
  /** Throws, so that the source sees no load past the cache. */
  FAIL,
  /**
   * Reads the source without lock and without caching, once per key and process; throws beyond
   * {@link CacheBuilder#maxFallbackLoads} and its queue, and when the cache's {@link
   * CacheBuilder#executor} takes no task: nothing is loaded on a caller's thread.
   */
  LOAD,
  /** Serves the expired value that {@link CacheBuilder#grace} kept; throws if there is none. */
  STALE
}
