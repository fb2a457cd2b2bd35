package io.tidemark;

/**
 * What a write did to the shared store. The source has the row, whatever the outcome, except that
 * after {@link #DEFERRED} the transaction decides.
 */
public enum WriteOutcome {
  /** The row is the entry: the next read is a hit. */
  STORED,
  /** A newer row was already the entry, and stayed. */
  SUPERSEDED,
  /**
   * The next reader loads. Either there was nothing to compare with; or no order could be proven,
   * as with versions that tie or any row that meets a cached absence; or there was no room for the
   * entry; or the row cannot be cached: its value cannot, it is a deletion and {@link
   * CacheBuilder#negativeTtl} is zero, or its own time to live is over.
   */
  DROPPED,
  /**
   * Nothing yet, because the caller's transaction has not ended. The row is published before the
   * call that commits the transaction returns, and if the transaction is not committed the entry is
   * dropped. What becomes of the row then, a {@link CacheListener} is told.
   */
  DEFERRED,
  /**
   * The store did not answer by the deadline, or it refused, as a read-only server does: readers
   * may get an older value for now. A store that refuses is not asked again before the deadline; if
   * it accepts only drops, as a full Redis does, the entry is dropped. The cache goes on publishing
   * in the background, for {@link CacheBuilder#repairTime}; if that fails too, or this process ends
   * or closes the cache first, readers may get the older value until its time to live ends. The
   * caller may also publish or invalidate again at any time.
   */
  UNKNOWN
}
