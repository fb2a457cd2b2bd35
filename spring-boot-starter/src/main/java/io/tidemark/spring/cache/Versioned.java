package io.tidemark.spring.cache;

/**
 * A value that knows its version, so that {@code @CachePut} can publish it. If the class of a
 * {@link TidemarkCache} implements it, every value of the cache has a version. Implementations are
 * thread-safe if their values are.
 */
public interface Versioned {

  /**
   * The number that the database gave this state of the row, read together with it; 0 or more, and
   * larger is newer for the same key.
   */
  long version();
}
