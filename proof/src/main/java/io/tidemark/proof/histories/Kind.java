package io.tidemark.proof.histories;

/** What an operation asked of the cache. */
enum Kind {
  /** {@code read}. */
  READ,
  /** {@code update} with a transaction that writes the row. */
  UPDATE,
  /** {@code update} with a transaction that deletes the row, and tells the deletion's version. */
  UPDATE_DELETE,
  /** {@code update} with a transaction that deletes the row, and tells no version. */
  UPDATE_DELETE_UNVERSIONED,
  /** A transaction that writes the row, and then {@code publish}. */
  PUBLISH,
  /** A transaction that deletes the row, and then {@code publish} with the deletion's version. */
  PUBLISH_DELETE,
  /** A transaction that deletes the row, and then {@code publish} without a version. */
  PUBLISH_DELETE_UNVERSIONED,
  /** {@code invalidate}. */
  INVALIDATE,
  /** {@code clear}, of all keys. */
  CLEAR;

  /** Whether it deletes a row, and does not tell the cache which version the deletion has. */
  boolean isUnversioned() {
    return this == UPDATE_DELETE_UNVERSIONED || this == PUBLISH_DELETE_UNVERSIONED;
  }
}
