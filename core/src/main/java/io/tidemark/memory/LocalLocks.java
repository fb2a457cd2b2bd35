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
 * Locks within one process: for unit tests, for a program that runs in one process only, and for a
 * fleet that accepts one load per key and process. Thread-safe. Need not be closed.
 *
 * <p><b>It coordinates only the threads that share this instance.</b> Processes that share a store
 * and have an instance each are still safe, because safety rests on the store, but several of them
 * may load the same key at once.
 *
 * <p>A fence is the time in microseconds since 1970, or one more than the last fence if that is
 * larger. It grows with every holding of this instance, even if the clock is set back. Because it
 * is a time, the fences of different processes are comparable, and no process loses against all
 * others for long: if clocks differ, a claim of the process that is ahead wins until it expires.
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

  /** Creates locks that share nothing with other instances. */
  public static LocalLocks create() {
    return create(InstantSource.system());
  }

  static LocalLocks create(InstantSource clock) {
    return new LocalLocks(clock);
  }

  /** Names the provider, for people. */
  @Override
  public String toString() {
    return "LocalLocks";
  }

  /**
   * Acquires a key's lock if it is free. Never blocks.
   *
   * @param deadline unused, because nothing is waited for
   * @throws InterruptedException if the thread was interrupted before; no lock is held then
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
    // Taken once the lock is held, so that fences have the order of the holdings.
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
