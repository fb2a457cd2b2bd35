package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.TidemarkException;
import io.tidemark.WriteResult;
import io.tidemark.spi.SlotKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes updates that return a future: each waits for a thread of the executor, and has until its
 * deadline to begin. Thread-safe.
 */
final class AsyncUpdates<V> {
  private final Updates<V> updates;
  private final OpenWrites open;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;

  /**
   * Prepares to make updates.
   *
   * @param executor runs them
   * @param scheduler calls off those that it does not run in time
   */
  AsyncUpdates(
      Updates<V> updates, OpenWrites open, Executor executor, ScheduledExecutorService scheduler) {
    this.updates = updates;
    this.open = open;
    this.executor = executor;
    this.scheduler = scheduler;
  }

  /** Starts an update. The future fails with what {@link Updates#make} throws. */
  CompletableFuture<WriteResult<V>> start(Update<V, ?> update) {
    Pending pending = new Pending(update);
    pending.start();
    return pending.result;
  }

  /** One update, which may not have begun yet. */
  private final class Pending {
    private final Update<V, ?> update;
    private final SlotKey slotKey;
    private final CompletableFuture<WriteResult<V>> result = new CompletableFuture<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final OpenWrites.Entry entry;

    Pending(Update<V, ?> update) {
      this.update = update;
      this.slotKey = update.key();
      this.entry = open.enter(slotKey, () -> result.completeExceptionally(closed()));
    }

    @SuppressWarnings({
      "CatchingUnchecked", // Whatever goes wrong, the caller must hear of it.
      "FutureReturnValueIgnored" // To cancel a timer cannot fail.
    })
    void start() {
      // Also where it was cancelled, or called off: then it does not begin.
      result.whenComplete(
          (written, failure) -> {
            if (begun.compareAndSet(false, true)) {
              entry.close();
            }
          });
      try {
        Future<?> timer =
            Timers.schedule(scheduler, this::atTheDeadline, update.deadline().remainingNanos());
        result.whenComplete((written, failure) -> Timers.cancel(timer));
      } catch (Throwable t) {
        boolean unused = failUnlessBegun(() -> refusedBy("scheduler", "time the write", t));
        return;
      }
      try {
        executor.execute(this::run);
      } catch (Throwable t) {
        boolean unused = failUnlessBegun(() -> refusedBy("executor", "run the write", t));
      }
    }

    private void run() {
      if (begun.compareAndSet(false, true)) {
        Completion.complete(result, () -> updates.make(entry, update));
      }
    }

    private void atTheDeadline() {
      if (!failUnlessBegun(this::noThread)) {
        // Not at once: a wait that ends at the deadline too has its rule to follow first.
        Future<?> unused =
            Timers.schedule(scheduler, this::callOffAtLast, AsyncDriver.LAST_RESORT_NANOS);
      }
    }

    private void callOffAtLast() {
      if (entry.callOff(this::notClaimed)) {
        result.completeExceptionally(notClaimed(null));
      }
    }

    /** Fails a write that has not begun, and returns whether that is so. */
    private boolean failUnlessBegun(Supplier<TidemarkException> failure) {
      if (!begun.compareAndSet(false, true)) {
        return false;
      }
      entry.close();
      result.completeExceptionally(failure.get());
      return true;
    }

    private TidemarkException refusedBy(String refuser, String task, Throwable refusal) {
      return Updates.notRun(slotKey, NoThread.refusedBy(refuser, task, slotKey, refusal));
    }

    private TidemarkException noThread() {
      return NoThread.inTime(
          slotKey,
          "write",
          update.terms().profile().deadline(),
          executor,
          Work.WRITE.consequence());
    }

    /** Of a store or locks that do not answer in the time that they may take. */
    private TidemarkException notClaimed(@Nullable Throwable cause) {
      return new DeadlineExceededException(
          slotKey,
          "lock and claim were not had within "
              + update.terms().profile().deadline()
              + Work.WRITE.consequence(),
          cause);
    }

    private TidemarkException closed() {
      return new CacheClosedException(
          slotKey, "the cache was closed" + Work.WRITE.consequence(), null);
    }
  }
}
