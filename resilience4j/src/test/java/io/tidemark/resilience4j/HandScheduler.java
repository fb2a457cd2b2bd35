package io.tidemark.resilience4j;

import java.time.Duration;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A scheduler without a thread: a test runs what is due, when it likes. */
final class HandScheduler extends ScheduledThreadPoolExecutor {
  HandScheduler() {
    super(1, task -> null);
    setRemoveOnCancelPolicy(true);
  }

  int scheduled() {
    return getQueue().size();
  }

  /** How long the next task would have waited, at most. */
  Duration delay() {
    return Duration.ofNanos(((Delayed) next()).getDelay(TimeUnit.NANOSECONDS));
  }

  /** Runs the next task on the calling thread. */
  void runNext() {
    Runnable next = next();
    remove(next);
    next.run();
  }

  private Runnable next() {
    return getQueue().iterator().next();
  }
}
