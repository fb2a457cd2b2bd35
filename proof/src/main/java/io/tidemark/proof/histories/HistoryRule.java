package io.tidemark.proof.histories;

/** What every history must keep to. */
enum HistoryRule {
  /** The database's part: the versions of a row grow with its commits. */
  VERSIONS_GROW,
  /** No value that was never in the database, and none before it was written. */
  COMMITTED,
  /** A value and its version come from one commit. */
  ONE_ROW,
  /** What the shared store once served or took is the least that later reads are served. */
  FORWARD_ONLY,
  /** What an acknowledged write left is the least that later reads are served. */
  READ_YOUR_WRITES,
  /** What the store did not take was in the database after the read began. */
  UNCACHED_IS_FRESH
}
