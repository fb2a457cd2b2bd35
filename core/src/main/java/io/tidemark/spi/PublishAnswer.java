package io.tidemark.spi;

/**
 * What a store answers a publish. Whatever it is, nothing older than the row is served after it.
 */
public enum PublishAnswer {
  /** The row is the entry now. */
  STORED,
  /** The very same row was the entry already. Unchanged. */
  SAME,
  /** A newer row is the entry. Unchanged. */
  SUPERSEDED,
  /** There is no entry now, and no claim but of a later load: the next reader loads. */
  DROPPED
}
