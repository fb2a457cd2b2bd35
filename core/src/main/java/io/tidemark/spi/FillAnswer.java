package io.tidemark.spi;

/** What a store answers to a fill. */
public enum FillAnswer {
  /** The row is the entry now. */
  STORED,
  /** The floor does not let the row in: it was read from a source that lags. Unchanged. */
  BEHIND,
  /** The claim is gone: it expired, was evicted, or was broken by a write. Unchanged. */
  REFUSED
}
