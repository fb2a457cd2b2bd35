package io.tidemark.redis;

import java.util.concurrent.CancellationException;

/**
 * What is known of a lease on one server: what was sent, and what may have to be released. Decides
 * what to send next; sends nothing itself. Thread-safe.
 */
final class LeaseState {
  private Acquire acquire = Acquire.NEW;
  private boolean sentTwice;
  private boolean released;

  /** What became of the acquire. */
  enum Acquire {
    /** It was not sent. */
    NEW,
    /** It is under way. */
    UNDER_WAY,
    /** There is nothing to release. */
    NOT_HELD,
    /** It succeeded. */
    HELD,
    /** It is unknown whether it succeeded. */
    IN_DOUBT
  }

  /**
   * Begins the acquire.
   *
   * @throws CancellationException if the lease was released before
   */
  synchronized void begin() {
    if (released) {
      throw new CancellationException("the caller left before the lock was requested");
    }
    acquire = Acquire.UNDER_WAY;
  }

  /** Begins the acquire once more, unless the lease was released. Returns whether to send it. */
  synchronized boolean beginAgain() {
    sentTwice = !released;
    return sentTwice;
  }

  /** Ends the acquire. Returns whether to release now what was acquired. */
  synchronized boolean end(Acquire end) {
    acquire = sentTwice ? Acquire.IN_DOUBT : end;
    return released && acquire != Acquire.NOT_HELD;
  }

  /** Releases the lease. Returns whether to do so now, and not after the acquire or never. */
  synchronized boolean release() {
    boolean isFirst = !released;
    released = true;
    return isFirst && (acquire == Acquire.HELD || acquire == Acquire.IN_DOUBT);
  }

  /**
   * Whether nothing that was sent can still hold the lock after a release.
   *
   * @param wasHeld whether the release found the lock
   */
  synchronized boolean isOver(boolean wasHeld) {
    return acquire != Acquire.IN_DOUBT || (wasHeld && !sentTwice);
  }
}
