package io.tidemark.demo.node;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Grants every attempt at once, so that any number of processes load a key together. Fences are the
 * time in microseconds, or one more than the one before. Thread-safe.
 */
final class NoLocks implements LockProvider {
  private final AtomicLong lastFence = new AtomicLong(LockHandle.NO_FENCE);

  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) {
    long nowMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    return new LockAttempt.Acquired(
        new Granted(lastFence.updateAndGet(last -> Math.max(last + 1, nowMicros))));
  }

  private record Granted(long fence) implements LockHandle {
    @Override
    public void close() {
      // nothing is held
    }
  }
}
