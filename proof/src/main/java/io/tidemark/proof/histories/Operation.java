package io.tidemark.proof.histories;

import org.jspecify.annotations.Nullable;

/**
 * One operation as its process recorded it. The times are of one monotonic clock that all processes
 * of a machine share.
 *
 * @param id the process and a number, unique in a history
 * @param call for one key of a call for many, what all operations of that call have; null for a
 *     call with one key
 * @param kind what it asked
 * @param key which row; {@link #ALL_KEYS} for {@link Kind#CLEAR}
 * @param startNanos a moment before its call
 * @param committedNanos a moment after its transaction's commit returned; {@link #NEVER} if it did
 *     not return, or there was none
 * @param endNanos a moment after its return; {@link #NEVER} if it did not return
 * @param outcome how it ended
 * @param served what a read that returned was served, otherwise null
 * @param detail what a write told of itself, or why it did not, for people who read the report
 */
record Operation(
    String id,
    @Nullable String call,
    Kind kind,
    String key,
    long startNanos,
    long committedNanos,
    long endNanos,
    Outcome outcome,
    @Nullable Served served,
    String detail) {
  /** Later than everything. */
  static final long NEVER = Long.MAX_VALUE;

  /** Stands for every key. */
  static final String ALL_KEYS = "*";

  /** The process that made it. */
  String process() {
    return id.substring(0, id.indexOf('.'));
  }

  /** Whether it is about a key. */
  boolean isAbout(String otherKey) {
    return key.equals(otherKey) || key.equals(ALL_KEYS);
  }
}
