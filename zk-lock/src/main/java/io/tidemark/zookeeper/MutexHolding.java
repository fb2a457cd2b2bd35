package io.tidemark.zookeeper;

import io.tidemark.spi.Acquisition;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * One attempt at one key's lock and, if it succeeds, the holding. Any thread may close the holding,
 * without blocking. Thread-safe.
 *
 * <p>Where the key has no node, the attempt and the release are one request each, and need no
 * thread. Elsewhere Curator's mutex is used, which belongs to a thread. So one thread does it all:
 * it makes the attempt, answers the {@link Acquisition}, parks until the holding is closed, and
 * releases the mutex.
 */
final class MutexHolding implements LockHandle {
  private final SlotKey key;
  private final KeyMutex mutex;
  private final Function<LockNode, LockAttempt.Holder> holders;
  private final Acquisition acquisition = new Acquisition(this);
  private final Threads threads;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What a close has to do, where no thread waits for it. */
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OPEN);

  private enum Stage {
    /** There is nothing to release, or a thread will do it. */
    OPEN,
    /** The mutex is acquired, and no thread is there to release it. */
    HELD_WITHOUT_THREAD,
    CLOSED
  }

  /** What a holding needs of those that it belongs to. */
  interface Threads {
    /**
     * Runs an attempt, which may block, on a thread of its own. Throws what keeps it from doing so.
     */
    void attempt(Runnable attempt);

    /** Runs what may block, on a thread of its own or on one that is reserved for such cases. */
    void cleanUp(Runnable cleaning);

    /** The attempt is over. */
    void attempted(MutexHolding holding);

    /** The lock is not held any more, and never will be. */
    void over(MutexHolding holding);
  }

  /**
   * An attempt that has not begun.
   *
   * @param holders makes the holder that waits for a node to go
   */
  MutexHolding(
      SlotKey key,
      KeyMutex mutex,
      Function<LockNode, LockAttempt.Holder> holders,
      Threads threads) {
    this.key = key;
    this.mutex = mutex;
    this.holders = holders;
    this.threads = threads;
  }

  SlotKey key() {
    return key;
  }

  Acquisition acquisition() {
    return acquisition;
  }

  /** Makes the attempt, without a thread as long as no other node is found. Does not block. */
  void begin() {
    CompletableFuture<?> unused =
        mutex
            .begin()
            .whenComplete(
                (acquired, failure) -> {
                  if (failure != null) {
                    acquisition.failed(failure);
                    threads.cleanUp(() -> end(mutex::removeNodes));
                  } else if (acquired) {
                    threads.attempted(this);
                    holdWithoutThread();
                  } else {
                    goOn();
                  }
                });
  }

  /** Goes on with an attempt that has created nothing, unless nobody waits for it any more. */
  private void goOn() {
    try {
      if (stage.get() != Stage.CLOSED) {
        threads.attempt(this::attempt);
        return;
      }
    } catch (Throwable e) {
      // Errors too, such as that there is no thread: the attempt must not keep its place.
      acquisition.failed(e);
    }
    threads.attempted(this);
    threads.over(this);
  }

  private void end(Runnable cleaning) {
    try {
      cleaning.run();
    } finally {
      threads.attempted(this);
      threads.over(this);
    }
  }

  private void holdWithoutThread() {
    if (stage.compareAndSet(Stage.OPEN, Stage.HELD_WITHOUT_THREAD)) {
      answer();
    } else {
      // It was closed before.
      release();
    }
  }

  /** Answers that the lock is held. */
  private void answer() {
    try {
      acquisition.acquired();
    } catch (Throwable e) {
      // Errors too, such as a lack of memory: nobody has the handle, and it must be closed.
      acquisition.giveUp(e);
    }
  }

  /** Releases a mutex that needs no thread. Does not block. */
  private void release() {
    CompletableFuture<?> unused =
        mutex
            .beginRelease()
            .whenComplete(
                (released, failure) -> {
                  if (failure == null) {
                    threads.over(this);
                  } else {
                    threads.cleanUp(
                        () -> {
                          try {
                            mutex.endRelease(failure);
                          } finally {
                            threads.over(this);
                          }
                        });
                  }
                });
  }

  /**
   * Makes the attempt on this thread, and stays as long as a mutex is held that belongs to it.
   * Looks for a holder first.
   */
  void attempt() {
    boolean stays = false;
    try {
      Optional<LockNode> holder = mutex.tryAcquire();
      if (holder.isPresent()) {
        acquisition.held(holders.apply(holder.get()));
        return;
      }
      stays = true;
    } catch (Throwable e) {
      // Errors too: the caller must hear of them, and the nodes must be deleted all the same.
      acquisition.failed(e);
      mutex.removeNodes();
    } finally {
      threads.attempted(this);
      if (!stays) {
        threads.over(this);
      }
    }
    if (stays && mutex.needsNoThread()) {
      holdWithoutThread();
    } else if (stays) {
      keep();
    }
  }

  /** Answers, parks until the holding is closed, and returns when the lock is free. */
  private void keep() {
    try {
      answer();
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
    } finally {
      threads.over(this);
    }
  }

  @Override
  public long fence() {
    return mutex.fence();
  }

  @Override
  public void close() {
    Stage before = stage.getAndSet(Stage.CLOSED);
    closed.countDown();
    if (before == Stage.HELD_WITHOUT_THREAD) {
      release();
    }
  }

  @Override
  public String toString() {
    return "lock of " + key;
  }
}
