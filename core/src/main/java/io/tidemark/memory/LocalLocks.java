package io.tidemark.memory;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Locks of one process: for unit tests, for a program that runs once, and for a fleet that accepts
 * one load per key and process. Thread-safe. Needs no closing.
 *
 * <p><b>It coordinates only the threads that share this instance.</b> Processes that share a store
 * and use one each are still safe, because safety rests on the store; but several of them load the
 * same key at once.
 *
 * <p>A fence is the time in microseconds since 1970, or one more than the fence before if that is
 * larger. It grows with every holding of this instance, however the clock is set. The time makes
 * fences of different processes comparable, so that none loses against all others for long: where
 * clocks differ, a claim of the process that is ahead wins until it expires.
 *
 * <p>This is the reference model of {@link LockProvider}: no attempt blocks or fails.
 */
public final class LocalLocks implements LockProvider {
  private final ConcurrentMap<SlotKey, LocalHolding> holdings = new ConcurrentHashMap<>();
  private final AtomicLong lastFence = new AtomicLong(LockHandle.NO_FENCE);
  private final InstantSource clock;

  private LocalLocks(InstantSource clock) {
    this.clock = clock;
  }

  /** Locks that nobody holds. */
  public static LocalLocks create() {
    return create(InstantSource.system());
  }

  static LocalLocks create(InstantSource clock) {
    return new LocalLocks(clock);
  }

  /** What it is, for people. */
  @Override
  public String toString() {
    return "LocalLocks";
  }

  /**
   * Takes the lock of a key if no thread has it. Never blocks.
   *
   * @param deadline not used: there is nothing to wait for
   * @throws InterruptedException if the thread was interrupted before; then nothing is held
   */
  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    LocalHolding mine = new LocalHolding(key);
    // Safeguard ONE_HOLDER: two threads may come at once.
    LocalHolding other = holdings.putIfAbsent(key, mine);
    if (other != null) {
      return new LockAttempt.Held(other::awaitGone);
    }
    // Drawn once the lock is held, so that the order of fences is the order of holdings.
    mine.fence = lastFence.updateAndGet(last -> Math.max(last + 1, micros()));
    return new LockAttempt.Acquired(mine);
  }

  private long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }

  private final class LocalHolding implements LockHandle {
    private final SlotKey key;
    private final CountDownLatch gone = new CountDownLatch(1);

    /** Written once, before the handle is handed out. */
    private volatile long fence;

    LocalHolding(SlotKey key) {
      this.key = key;
    }

    @Override
    public long fence() {
      return fence;
    }

    @Override
    public void close() {
      // Safeguard OWN_HOLDING: after the first close the key may be another's.
      holdings.remove(key, this);
      gone.countDown();
    }

    boolean awaitGone(Deadline deadline) throws InterruptedException {
      return gone.await(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public String toString() {
      return key + " held with fence " + fence;
    }
  }
}
