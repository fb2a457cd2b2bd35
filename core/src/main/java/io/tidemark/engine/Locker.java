package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Acquires the locks of keys, and knows those that loads hold, which it releases when the cache is
 * closed. Thread-safe.
 */
final class Locker implements AutoCloseable {
  private final LockProvider locks;
  private final Ticker ticker;
  private final Journal journal;
  private final ThrottledLog notReleased;

  /** Those that loads hold, in order. Writes under way keep theirs when the cache is closed. */
  private final Set<HeldLock> ofLoads = Collections.synchronizedSet(new LinkedHashSet<>());

  private volatile boolean closed;

  Locker(Settings<?, ?> settings, Journal journal) {
    this.locks = settings.locks();
    this.ticker = settings.ticker();
    this.journal = journal;
    this.notReleased = new ThrottledLog(Locker.class, ticker);
  }

  /**
   * Acquires a key's lock if nobody holds it and the lock service is there: it waits for neither.
   *
   * @return null if somebody holds it
   * @throws UnavailableException if the lock service is away
   */
  @Nullable HeldLock tryAcquire(SlotKey key, Work work, Deadline deadline)
      throws InterruptedException {
    Stopwatch stopwatch = Stopwatch.start(ticker);
    return attempt(key, deadline, true) instanceof LockAttempt.Acquired acquired
        ? take(key, work, acquired.handle(), stopwatch)
        : null;
  }

  /**
   * Asks the provider once. A provider that fails in a way of its own says no as well: the policies
   * decide on that too. A lock that it gives is to be passed to {@link #take}.
   *
   * @param isContended whether somebody is likely to hold it
   */
  LockAttempt attempt(SlotKey key, Deadline deadline, boolean isContended)
      throws InterruptedException {
    try {
      return isContended
          ? locks.tryAcquireContended(key, deadline)
          : locks.tryAcquire(key, deadline);
    } catch (InterruptedException | UnavailableException | CacheClosedException e) {
      throw e;
    } catch (Exception e) {
      throw new RefusedException(key, "the lock provider failed: " + Failures.textOf(e), e);
    }
  }

  /**
   * Takes a lock into its care that the provider has given.
   *
   * @param stopwatch runs since the provider was asked
   */
  HeldLock take(SlotKey key, Work work, LockHandle handle, Stopwatch stopwatch) {
    try {
      journal.add(Kind.LOCK_ACQUIRED, key, stopwatch.elapsed());
      HeldLock lock =
          new HeldLock(
              key, work, handle, Stopwatch.start(ticker), journal, notReleased, ofLoads::remove);
      if (work == Work.LOAD) {
        ofLoads.add(lock);
        if (closed) {
          lock.close();
          throw new CacheClosedException(null, key.cache() + ": the cache was closed", null);
        }
      }
      return lock;
    } catch (Throwable t) {
      handle.close();
      throw t;
    }
  }

  /** Releases every lock that a load holds, at once, and refuses to acquire more for loads. */
  @Override
  public void close() {
    closed = true;
    List.copyOf(ofLoads).forEach(HeldLock::close);
  }
}
