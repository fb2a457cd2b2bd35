package io.tidemark;

/** Where the answer to a read came from. */
public enum Origin {
  /** The shared store, at the first look. */
  CACHE("cache"),
  /** The shared store, after a wait for another load of the key. */
  CACHE_AFTER_WAIT("cache (after wait)"),
  /** The source, read by this process while it held the key's lock. */
  SOURCE_LOCK_HOLDER("database (lock holder)"),
  /** The source, read without the lock and not cached, as {@link FallbackPolicy#LOAD} allows. */
  SOURCE_FALLBACK("database (fallback)"),
  /** The source, because the cache's {@link Rollout} has reads of the key bypass it. */
  SOURCE_BYPASS("database (bypass)"),
  /** An expired value from the shared store, as {@link FallbackPolicy#STALE} allows. */
  CACHE_STALE("cache (stale)");

  private final String label;

  Origin(String label) {
    this.label = label;
  }

  /** The origin in words, such as {@code cache (after wait)}. */
  public String label() {
    return label;
  }
}
