package io.tidemark.engine;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a load must be over, and the lock to release if it is not. Before a thread has come, that is
 * the deadline of the first caller; then it is the time for all waits and one attempt; and during
 * an attempt, {@code maxLoadTime}. Thread-safe.
 */
final class TimeBound {
  private final Ticker ticker;
  private final Duration waitLimit;
  private final Duration maxLoadTime;

  /** When the load as a whole must be over, once it has begun. */
  private volatile Deadline runEnd;

  private volatile Deadline endBy;
  private volatile @Nullable LockHandle lock;

  /**
   * Bounds a load that waits for its thread.
   *
   * @param beginBy when a thread must have come
   */
  TimeBound(Terms terms, Deadline beginBy, Ticker ticker) {
    this.ticker = ticker;
    this.waitLimit = terms.waitLimit();
    this.maxLoadTime = terms.profile().maxLoadTime();
    this.runEnd = beginBy;
    this.endBy = beginBy;
  }

  /** A thread has come. */
  void beginRun() {
    runEnd = Deadline.after(waitLimit.plus(maxLoadTime), ticker);
    endBy = runEnd;
  }

  /**
   * An attempt to load begins.
   *
   * @param lock the lock that it holds; null if it needs none
   */
  void beginAttempt(@Nullable LockHandle lock) {
    this.lock = lock;
    endBy = Deadline.after(maxLoadTime, ticker);
  }

  /** The attempt is over, and another may begin. */
  void endAttempt() {
    lock = null;
    endBy = runEnd;
  }

  Deadline endBy() {
    return endBy;
  }

  @Nullable LockHandle lock() {
    return lock;
  }
}
