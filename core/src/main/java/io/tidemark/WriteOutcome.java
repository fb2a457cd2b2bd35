package io.tidemark;

/** What a write did to the shared store. It says nothing of the source, which has the row. */
public enum WriteOutcome {
  /** The row is the entry: the next read is a hit. */
  STORED,
  /** A newer row was the entry already, and stayed. */
  SUPERSEDED,
  /** There was nothing to compare with, or no order to prove: the next reader loads. */
  DROPPED,
  /**
   * The store did not answer until the deadline, so an older value may be served until its time to
   * live ends. Publish or invalidate again when the store is back; both may be repeated freely.
   */
  UNKNOWN
}
