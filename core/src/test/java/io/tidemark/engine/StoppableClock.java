package io.tidemark.engine;

import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that goes on as the machine's does, up to a moment where the test has it stand still:
 * what should have ended by then ends, and what waits for a later moment hangs. Thread-safe.
 */
final class StoppableClock implements Ticker {
  private static final long NEVER = Long.MAX_VALUE;

  private final long startNanos = System.nanoTime();
  private final AtomicLong skippedNanos = new AtomicLong();
  private volatile long stopNanos = NEVER;

  @Override
  public long nanos() {
    return Math.min(System.nanoTime() - startNanos + skippedNanos.get(), stopNanos);
  }

  @Override
  public void sleep(long nanos) throws InterruptedException {
    long end = nanos() + nanos;
    while (nanos() < end) {
      Thread.sleep(1);
    }
  }

  @Override
  public <T> T await(CompletableFuture<T> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    long end = nanos() + nanos;
    while (!future.isDone()) {
      if (nanos() >= end) {
        throw new TimeoutException();
      }
      try {
        return future.get(1, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // Looks at the clock again.
      }
    }
    return future.get();
  }

  /** Stands still once a time has passed. */
  void stopAfter(Duration time) {
    stopNanos = nanos() + time.toNanos();
  }

  /** Goes on, from what the machine's clock has come to meanwhile. */
  void goOn() {
    stopNanos = NEVER;
  }

  /** Lets a time pass at once. */
  void skip(Duration time) {
    skippedNanos.addAndGet(time.toNanos());
  }

  /** A scheduler that goes by this clock. */
  ScheduledThreadPoolExecutor newTimer() {
    return new ScheduledThreadPoolExecutor(1) {
      @Override
      public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        long end = nanos() + unit.toNanos(delay);
        return super.schedule(() -> runAt(end, task), delay, unit);
      }

      private void runAt(long end, Runnable task) {
        if (nanos() >= end) {
          task.run();
        } else {
          ScheduledFuture<?> unused =
              super.schedule(() -> runAt(end, task), 1, TimeUnit.MILLISECONDS);
        }
      }
    };
  }
}
