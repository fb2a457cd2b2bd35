package io.tidemark.zookeeper;

import io.tidemark.spi.Acquisition;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * One attempt at one key's lock and, if it succeeds, the holding. Curator's mutex belongs to a
 * thread, so one thread does it all: it makes the attempt, answers the {@link Acquisition}, parks
 * until the holding is closed, and releases the mutex. Any thread may close the holding, without
 * blocking. Thread-safe.
 */
final class MutexHolding implements LockHandle {
  private final SlotKey key;
  private final KeyMutex mutex;
  private final Function<LockNode, LockAttempt.Holder> holders;
  private final Acquisition acquisition = new Acquisition(this);
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * An attempt that has not begun.
   *
   * @param holders makes the holder that waits for a node to go
   */
  MutexHolding(SlotKey key, KeyMutex mutex, Function<LockNode, LockAttempt.Holder> holders) {
    this.key = key;
    this.mutex = mutex;
    this.holders = holders;
  }

  SlotKey key() {
    return key;
  }

  Acquisition acquisition() {
    return acquisition;
  }

  /**
   * Makes the attempt and answers the acquisition. Returns when nothing is in doubt any more, which
   * may be long after the answer.
   *
   * @return whether the lock is held, so that {@link #keep} must follow
   */
  boolean attempt() {
    try {
      Optional<LockNode> holder = mutex.tryAcquire();
      if (holder.isPresent()) {
        acquisition.held(holders.apply(holder.get()));
        return false;
      }
    } catch (Throwable e) {
      // Errors too: the caller must hear of them, and the nodes must be deleted all the same.
      acquisition.failed(e);
      mutex.removeNodes();
      return false;
    }
    acquisition.acquired();
    return true;
  }

  /** Parks until the holding is closed, and returns when the lock is free. */
  void keep() {
    boolean parked = true;
    while (parked) {
      try {
        closed.await();
        parked = false;
      } catch (InterruptedException e) {
        // Nobody interrupts these threads. If somebody did, the holder would still hold the lock.
      }
    }
    mutex.release();
  }

  @Override
  public long fence() {
    return mutex.fence();
  }

  @Override
  public void close() {
    closed.countDown();
  }

  @Override
  public String toString() {
    return "lock of " + key;
  }
}
