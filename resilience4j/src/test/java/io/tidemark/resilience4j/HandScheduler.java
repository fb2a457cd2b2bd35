package io.tidemark.resilience4j;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A scheduler without a thread: a test runs what is due, when it likes. */
final class HandScheduler extends ScheduledThreadPoolExecutor {
  private volatile Duration lastDelay = Duration.ZERO;

  HandScheduler() {
    super(1, task -> null);
    setRemoveOnCancelPolicy(true);
  }

  int scheduled() {
    return getQueue().size();
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    lastDelay = Duration.of(delay, unit.toChronoUnit());
    return super.schedule(task, delay, unit);
  }

  /** How long the task that was scheduled last is to wait. */
  Duration lastDelay() {
    return lastDelay;
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
