package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The lock of a key, held for one load or write. It is released once, and that never throws,
 * whatever its provider does. Thread-safe.
 */
final class HeldLock implements LockHandle {
  private final SlotKey key;
  private final Work work;
  private final LockHandle handle;
  private final long fence;
  private final Stopwatch stopwatch;
  private final Journal journal;
  private final ThrottledLog notReleased;
  private final Consumer<HeldLock> whenClosed;
  private final AtomicBoolean released = new AtomicBoolean();

  /**
   * Takes over a lock that was just acquired.
   *
   * @param handle the provider's
   * @param stopwatch runs since it was acquired
   * @param notReleased warns of a provider that throws
   * @param whenClosed called each time that the lock is closed
   */
  HeldLock(
      SlotKey key,
      Work work,
      LockHandle handle,
      Stopwatch stopwatch,
      Journal journal,
      ThrottledLog notReleased,
      Consumer<HeldLock> whenClosed) {
    this.key = key;
    this.work = work;
    this.handle = handle;
    this.fence = handle.fence();
    this.stopwatch = stopwatch;
    this.journal = journal;
    this.notReleased = notReleased;
    this.whenClosed = whenClosed;
  }

  SlotKey key() {
    return key;
  }

  Work work() {
    return work;
  }

  @Override
  public long fence() {
    return fence;
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // It must not hide what its holder returns or throws.
  public void close() {
    whenClosed.accept(this);
    if (!released.compareAndSet(false, true)) {
      return;
    }
    try {
      handle.close();
      journal.add(Kind.LOCK_RELEASED, key, stopwatch.elapsed());
    } catch (Throwable t) {
      notReleased.warn("{}: its lock may not have been given back", key, t);
    }
  }
}
