package io.tidemark.spi;

/** What a store answers a fill. */
public enum FillAnswer {
  /** The row is the entry now. */
  STORED,
  /** The row is older than the floor: it was read from a source that lags. Unchanged. */
  BEHIND,
  /** The claim is gone: it expired, was evicted, or was broken by a write. Unchanged. */
  REFUSED
}
