package io.tidemark.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Locks keys, so that one process of the fleet at a time loads or writes a key. Thread-safe.
 *
 * <p>Locks are not re-entrant: a thread that tries to acquire a key that it holds finds it held.
 * Locks of different keys are independent of each other.
 */
@FunctionalInterface
public interface LockProvider {

  /**
   * Acquires a key's lock if it is free. Does not wait for a holder; blocks only for the lock
   * service, and not past the deadline. An attempt that ends with an exception leaves no lock
   * behind: one granted too late is released in the background, as {@link Acquisition} does.
   *
   * @throws InterruptedException if the thread is interrupted; no lock is held then
   * @throws io.tidemark.UnavailableException if the lock service does not answer, or not in time;
   *     {@link io.tidemark.RefusedException} if another attempt would fail too, as when the
   *     provider was closed
   */
  LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException;

  /**
   * Acquires a key's lock if it is free, likewise, for a caller that expects somebody to hold it: a
   * claim was in the slot, or a holder was waited for just now. The answer is the same. A provider
   * looks for a holder first where an attempt that finds one costs more than a look.
   *
   * @throws InterruptedException as {@link #tryAcquire} does
   * @throws io.tidemark.UnavailableException likewise
   */
  default LockAttempt tryAcquireContended(SlotKey key, Deadline deadline)
      throws InterruptedException {
    return tryAcquire(key, deadline);
  }

  /**
   * Describes the holder of a key's lock, for people who ask why the key is not loaded.
   *
   * @return empty if the lock is free, or if the service cannot tell who holds it
   * @throws InterruptedException if the thread is interrupted
   * @throws io.tidemark.UnavailableException if the lock service does not answer, or not in time
   */
  default Optional<String> holder(SlotKey key, Deadline deadline) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * How long the lock of a crashed holder may stay held, and so how long readers of its keys may
   * wait. Does not throw if the service is unavailable.
   *
   * @return empty if a crash frees the lock at once, or if the time is not known now
   */
  default Optional<Duration> crashNoticedWithin() {
    return Optional.empty();
  }

  /**
   * Checks the set-up of the lock service, for when a program starts. Does not throw if the service
   * is unavailable: that is a finding too.
   *
   * @param cache the name of the cache that checks
   */
  default List<Finding> check(String cache) {
    return List.of();
  }
}
