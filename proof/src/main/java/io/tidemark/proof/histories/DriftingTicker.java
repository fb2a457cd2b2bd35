package io.tidemark.proof.histories;

import io.tidemark.spi.Ticker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A clock that runs faster or slower than time, and jumps ahead: the clock that the library
 * measures its deadlines with. It never goes back. Thread-safe.
 *
 * <p>There is no wall clock to move in a worker: the library asks for none, and the stamps of the
 * rows are the database's.
 */
final class DriftingTicker implements Ticker {
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile Course course = new Course(System.nanoTime(), System.nanoTime(), 1);

  private record Course(long sinceNanos, long shownNanos, double rate) {
    long shownAt(long nanos) {
      return shownNanos + Math.round((nanos - sinceNanos) * rate);
    }
  }

  @Override
  public long nanos() {
    // The course first: time since it began must not be negative.
    Course current = course;
    return current.shownAt(System.nanoTime());
  }

  @Override
  public <T> T await(CompletableFuture<T> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    waiting.incrementAndGet();
    try {
      return Ticker.super.await(future, nanos);
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** How many callers wait for a load. */
  int waiting() {
    return waiting.get();
  }

  /** Jumps ahead, and then runs at another rate. */
  synchronized void move(long jumpNanos, double rate) {
    long now = System.nanoTime();
    course = new Course(now, course.shownAt(now) + jumpNanos, rate);
  }
}
