package io.tidemark.spi;

/** What a store answers to a publish. After any of these, nothing older than the row is served. */
public enum PublishAnswer {
  /** The row is the entry now. */
  STORED,
  /** The same row was the entry already. Unchanged. */
  SAME,
  /** A newer row is the entry. Unchanged. */
  SUPERSEDED,
  /** The slot has no entry, and no claim from before: the next reader loads. */
  DROPPED
}
