package io.tidemark.engine;

import io.tidemark.ClaimRule;
import io.tidemark.Write;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import java.util.Objects;

/**
 * One call that updates a row: what its caller asked for, and by when. Immutable.
 *
 * @param deadline of lock, claim and publishing; the caller's own transaction does not count
 */
record Update<V, X extends Exception>(
    SlotKey key, ClaimRule rule, Write<V, X> write, Terms terms, Deadline deadline) {

  /** Refuses what a user must not leave out. */
  Update {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(write, "write");
  }
}
