package io.tidemark.zookeeper;

import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * One attempt at one key's lock and, if it is acquired, the holding. A thread of its own runs it:
 * it attempts, hands the answer over, parks until the holding is closed, and releases. So the
 * caller may leave before the answer, and any thread may close without blocking.
 *
 * <p>The answer is given once. Whoever gives it first, the thread or a caller that leaves, decides:
 * a lock that is acquired after the caller left is released at once.
 */
final class MutexHolding implements LockHandle {
  private final SlotKey key;
  private final KeyMutex lock;
  private final Function<LockNode, LockAttempt.Holder> holders;
  private final CompletableFuture<LockAttempt> answer = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * An attempt that is not begun yet.
   *
   * @param holders makes the one who waits for a node to go
   */
  MutexHolding(SlotKey key, KeyMutex lock, Function<LockNode, LockAttempt.Holder> holders) {
    this.key = key;
    this.lock = lock;
    this.holders = holders;
  }

  SlotKey key() {
    return key;
  }

  /** What came of the attempt; fails if ZooKeeper did. */
  CompletableFuture<LockAttempt> answer() {
    return answer;
  }

  /**
   * The first half: returns once the answer is given and nothing is in doubt any more.
   *
   * @return whether the lock is held, so that {@link #keep} is due
   */
  boolean attempt() {
    try {
      Optional<LockNode> holder = lock.tryAcquire();
      if (holder.isPresent()) {
        answer.complete(new LockAttempt.Held(holders.apply(holder.get())));
        return false;
      }
    } catch (Throwable e) {
      // Errors too: the caller must hear of them, and the nodes must go all the same.
      answer.completeExceptionally(e);
      lock.removeNodes();
      return false;
    }
    if (!answer.complete(new LockAttempt.Acquired(this))) {
      close();
    }
    return true;
  }

  /** The second half: returns once the holding was closed and the lock is free. */
  void keep() {
    boolean parked = true;
    while (parked) {
      try {
        closed.await();
        parked = false;
      } catch (InterruptedException e) {
        // Nobody interrupts these threads. If somebody did, the holder would still hold.
      }
    }
    lock.release();
  }

  /** Ends it without an answer, or after one: whatever was or will be acquired is given back. */
  void giveUp(Exception reason) {
    answer.completeExceptionally(reason);
    close();
  }

  @Override
  public long fence() {
    return lock.fence();
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
