package io.tidemark.proof.histories;

/** What an operation asked of the cache. */
enum Kind {
  /** {@code read}. */
  READ,
  /** {@code update} with a transaction that writes the row. */
  UPDATE,
  /** {@code update} with a transaction that deletes the row, and tells the deletion's version. */
  UPDATE_DELETE,
  /** A transaction that writes the row, and then {@code publish}. */
  PUBLISH,
  /** A transaction that deletes the row, and then {@code publish} with the deletion's version. */
  PUBLISH_DELETE,
  /** A transaction that deletes the row, and then {@code publish} without a version. */
  PUBLISH_DELETE_UNVERSIONED,
  /** {@code invalidate}. */
  INVALIDATE,
  /** {@code clear}, of all keys. */
  CLEAR
}
