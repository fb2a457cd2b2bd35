package io.tidemark.spi;

import java.util.Optional;

/** What came of an attempt to take a lock. */
public sealed interface LockAttempt {

  /**
   * The lock is the caller's, who must close the handle.
   *
   * @param handle the holding
   */
  record Acquired(LockHandle handle) implements LockAttempt {}

  /**
   * Somebody else has the lock.
   *
   * @param holder waits for them
   */
  record Held(Holder holder) implements LockAttempt {}

  /** Whoever had the lock when an attempt failed. Thread-safe. */
  @FunctionalInterface
  interface Holder {
    /**
     * Waits until that holder is gone: it gave the lock back, crashed, or lost it. Somebody else
     * may have it by then. Does not poll the lock service.
     *
     * @return whether the holder is gone; {@code false} when the deadline passed first
     * @throws InterruptedException if the thread is interrupted
     * @throws io.tidemark.UnavailableException if the lock service cannot tell
     */
    boolean awaitGone(Deadline deadline) throws InterruptedException;

    /**
     * Names the holder and when it took the lock, for people, as the attempt has seen it. Does not
     * block.
     *
     * @return empty where the lock service does not tell
     */
    default Optional<String> who() {
      return Optional.empty();
    }
  }
}
