package io.tidemark;

/** What a write did to the shared store. It says nothing of the source, which has the row. */
public enum WriteOutcome {
  /** The row is the entry: the next read is a hit. */
  STORED,
  /** A newer row was the entry already, and stayed. */
  SUPERSEDED,
  /**
   * The next reader loads: there was nothing to compare with; no order to prove, as of versions
   * that tie, or of any row onto a cached absence; no room for the entry; or the row is none to be
   * cached, as a value that cannot be, a deletion where {@link CacheBuilder#negativeTtl} is zero,
   * or a row whose own time to live is over.
   */
  DROPPED,
  /**
   * The store did not answer until the deadline, or it refused, as a server does that may not be
   * written to: an older value may be served for now. A store that refuses is not asked again until
   * the deadline, and one that takes no row but a drop, as a full Redis, drops. The cache goes on
   * to publish in the background, for {@link CacheBuilder#repairTime}; if that fails too, or this
   * process ends or closes the cache first, the older value may be served until its time to live
   * ends. The caller may publish or invalidate again at any time as well.
   */
  UNKNOWN
}
