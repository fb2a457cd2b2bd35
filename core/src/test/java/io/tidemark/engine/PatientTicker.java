package io.tidemark.engine;

import static io.tidemark.engine.Patience.PATIENCE;

import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that goes on when the test says so, and by which no wait for a future ends early: the
 * machine's patience ends one that hangs. Begins at zero. Thread-safe.
 */
final class PatientTicker implements Ticker {
  private final AtomicLong nanos = new AtomicLong();

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public <T> T await(CompletableFuture<T> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
  }

  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
