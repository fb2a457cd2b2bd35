package io.tidemark;

/**
 * What happens to a value that cannot be cached: one that its {@link Codec} cannot encode and read
 * back, or that exceeds {@link CacheBuilder#maxValueBytes}. Either way the cache logs it with its
 * path and the reason, counts it in {@link CacheStats#uncacheable}, and explains it.
 */
public enum UncacheablePolicy {
  /**
   * Readers get a {@link CodecException}; for a second, this process does not ask the source for
   * the key again. A write is committed anyway, drops the entry, and throws.
   */
  FAIL,
  /**
   * Readers get it uncached: decoded from its bytes, or, if that fails, the source's own object.
   * For a minute, this process reads the key without the lock, within the limit of {@link
   * CacheBuilder#maxFallbackLoads}, unless it finds a row that can be cached. Callers share a load
   * if the value can be decoded or is immutable; otherwise each has a load of its own, because no
   * two callers get one object. A write drops the entry.
   */
  LOAD
}
