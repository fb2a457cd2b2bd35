package io.tidemark.spi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A monotonic clock, and the waits that it measures. Thread-safe.
 *
 * <p>A clock that does not follow the system's time, such as a simulation's, overrides all three
 * methods: waits then take no real time.
 */
@FunctionalInterface
public interface Ticker {
  /** Nanoseconds since an arbitrary moment; only differences are meaningful. */
  long nanos();

  /**
   * Blocks the calling thread for a time measured by this clock.
   *
   * @param nanos how long; zero or less does not block
   * @throws InterruptedException if the thread is interrupted before or meanwhile
   */
  default void sleep(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(nanos);
  }

  /**
   * Blocks the calling thread until a future is done, or a time by this clock has passed.
   *
   * @param nanos how long at most; zero or less does not block
   * @return the future's result
   * @throws TimeoutException if it was not done in time
   * @throws InterruptedException if the thread is interrupted before or meanwhile
   * @throws ExecutionException if the future failed
   */
  default <T> T await(CompletableFuture<T> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  /** {@link System#nanoTime()}. */
  static Ticker system() {
    return System::nanoTime;
  }
}
