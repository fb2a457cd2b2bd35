package io.tidemark.spi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A monotonic clock, and how to wait by it. Thread-safe.
 *
 * <p>A clock whose time is not the system's, as a simulation's, overrides all three methods: what
 * waits then never waits for real time.
 */
@FunctionalInterface
public interface Ticker {
  /** Nanoseconds since an arbitrary moment; only differences mean something. */
  long nanos();

  /**
   * Blocks the calling thread for a time by this clock.
   *
   * @param nanos how long; not at all if zero or less
   * @throws InterruptedException if the thread is interrupted before or meanwhile
   */
  default void sleep(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(nanos);
  }

  /**
   * Blocks the calling thread until a future is done, or a time by this clock has passed.
   *
   * @param nanos how long at most; zero or less only looks
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
