package io.tidemark.spi;

import java.util.Optional;

/** The outcome of an attempt to acquire a lock. */
public sealed interface LockAttempt {

  /**
   * The caller holds the lock, and must close the handle.
   *
   * @param handle the holding
   */
  record Acquired(LockHandle handle) implements LockAttempt {}

  /**
   * Somebody else holds the lock.
   *
   * @param holder waits for that holding to end
   */
  record Held(Holder holder) implements LockAttempt {}

  /** The holder that an attempt met. Thread-safe. */
  @FunctionalInterface
  interface Holder {
    /**
     * Waits until this holder is gone: it released the lock, crashed, or lost it. Somebody else may
     * hold the lock by then. Where the lock service tells of the end, the wait does not poll.
     *
     * @return whether the holder is gone; {@code false} when the deadline passed first
     * @throws InterruptedException if the thread is interrupted
     * @throws io.tidemark.UnavailableException if the lock service cannot tell
     */
    boolean awaitGone(Deadline deadline) throws InterruptedException;

    /**
     * Describes the holder and when it acquired the lock, as the attempt saw it, for people. Does
     * not block.
     *
     * @return empty if the lock service does not tell
     */
    default Optional<String> who() {
      return Optional.empty();
    }
  }
}
