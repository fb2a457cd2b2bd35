package io.tidemark.spi;

/** What a store answers to a refresh. */
public enum RefreshAnswer {
  /** The row replaced an older one, or the same row got a new life. */
  STORED,
  /** A newer row is the entry. Unchanged. */
  SUPERSEDED,
  /** The order of the row and the entry could not be proven: the next reader loads. */
  DROPPED,
  /** The slot held no entry to refresh. Unchanged. */
  REFUSED
}
