package io.tidemark.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
   * @throws io.tidemark.UnavailableException if the lock service does not answer, or not in time;
   *     {@link io.tidemark.RefusedException} where another attempt would end likewise, as when the
   *     provider was closed
   */
  LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException;

  /**
   * Names the holder of a key's lock, for people who ask why the key is not loaded.
   *
   * @return empty where nobody has it, or where the service cannot name the holder
   * @throws InterruptedException if the thread is interrupted
   * @throws io.tidemark.UnavailableException if the lock service does not answer, or not in time
   */
  default Optional<String> holder(SlotKey key, Deadline deadline) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * How long the lock of a holder that has crashed may stay taken: so long its keys' readers wait.
   * Does not throw where the service is away.
   *
   * @return empty where a crash frees the lock at once, or where it is not known now
   */
  default Optional<Duration> crashNoticedWithin() {
    return Optional.empty();
  }

  /**
   * Looks for what is wrong with the lock service's set-up; for when a program starts. Does not
   * throw where the service is away: that is a finding too.
   *
   * @param cache the name of the cache that asks
   */
  default List<Finding> check(String cache) {
    return List.of();
  }
}
