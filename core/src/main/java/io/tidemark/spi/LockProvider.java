package io.tidemark.spi;

import java.time.Duration;
import java.util.List;

/**
 * Gives one process of the fleet at a time the right to load or write a key. Thread-safe.
 *
 * <p>Locks are not re-entrant: a thread that holds a key and asks for it again is told that it is
 * held. Different keys never wait for each other.
 */
@FunctionalInterface
public interface LockProvider {

  /**
   * Takes the lock of a key if nobody has it. Does not wait for the holder; blocks only for the
   * lock service, and not past the deadline. An attempt that ends with an exception leaves no lock
   * behind: what the service grants too late is given back in the background.
   *
   * @throws InterruptedException if the thread is interrupted; then nothing is held
   * @throws io.tidemark.UnavailableException if the lock service does not answer, or not in time
   */
  LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException;

  /**
   * Looks for what is wrong with the lock service's set-up; for when a program starts. Does not
   * throw where the service is away: that is a finding too.
   *
   * @param claimLife how long a claim lives unless it is renewed
   */
  default List<Finding> check(Duration claimLife) {
    return List.of();
  }
}
