package io.tidemark.engine;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plans what is due at a time, and calls it off. */
final class Timers {
  private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

  private Timers() {}

  /**
   * Plans a task, which is run once, however often the scheduler does: what plans its next turn
   * itself would become more and more. Asks once more where the scheduler fails otherwise than by
   * refusing: that this process had no memory for a moment must not end what goes on from timer to
   * timer.
   *
   * @throws RejectedExecutionException if the scheduler refuses, as one that was shut down
   */
  @SuppressWarnings("CatchingUnchecked")
  static Future<?> schedule(ScheduledExecutorService scheduler, Runnable task, long delayNanos) {
    Runnable once = new RunOnce(task);
    try {
      return scheduler.schedule(once, delayNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      throw e;
    } catch (Throwable t) {
      LOG.debug("The scheduler failed; asking once more", t);
      return scheduler.schedule(once, delayNanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Plans a task likewise, and asks once: for a caller that can be told of any failure. */
  static Future<?> scheduleOrFail(
      ScheduledExecutorService scheduler, Runnable task, long delayNanos) {
    return scheduler.schedule(new RunOnce(task), delayNanos, TimeUnit.NANOSECONDS);
  }

  /** Calls a task off, if there is one. What is not called off finds that it is needed no more. */
  @SuppressWarnings("CatchingUnchecked")
  static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      try {
        timer.cancel(false);
      } catch (Throwable t) {
        LOG.debug("A timer was not called off", t);
      }
    }
  }
}
