package io.tidemark;

/**
 * What becomes of a value that cannot be cached: one that its {@link Codec} cannot encode and read
 * back, or that has more than {@link CacheBuilder#maxValueBytes}. Either way it is logged with its
 * path and the reason, counted as {@link CacheStats#uncacheable}, and explained.
 */
public enum UncacheablePolicy {
  /**
   * Readers are thrown {@link CodecException}; for a second, this process does not ask the source
   * for the key again. A write is committed all the same, drops the entry, and throws.
   */
  FAIL,
  /**
   * Readers get it uncached: what the codec makes of its bytes, or else the source's own object.
   * For a minute, this process reads the key past the lock, through the limit of {@link
   * CacheBuilder#maxFallbackLoads}, unless a row turns up that can be cached. Callers share a load
   * where the value can be decoded, or is immutable; otherwise each has a load of its own, because
   * no two callers are given one object. A write drops the entry.
   */
  LOAD
}
