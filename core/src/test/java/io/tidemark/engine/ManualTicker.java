package io.tidemark.engine;

import io.tidemark.CacheEvent;
import io.tidemark.CacheListener;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A clock that goes on when the test says so, or when somebody sleeps by it. Thread-safe. */
final class ManualTicker implements Ticker {
  private final List<Duration> sleeps = new ArrayList<>();
  private long nanos;

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized void sleep(long time) {
    if (time > 0) {
      nanos += time;
      sleeps.add(Duration.ofNanos(time));
    }
  }

  synchronized void pass(Duration time) {
    nanos += time.toNanos();
  }

  /** Lets a time pass whenever a cache begins to wait for whoever has a key's lock. */
  CacheListener passingInWaitsForLocks(Duration time) {
    return event -> {
      if (event.kind() == CacheEvent.Kind.LOCK_WAIT) {
        pass(time);
      }
    };
  }

  /** How long everybody has slept until now, one after the other. */
  synchronized List<Duration> sleeps() {
    return List.copyOf(sleeps);
  }
}
