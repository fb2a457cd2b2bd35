package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.TidemarkException;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Drives calls that return a future: none has a thread while it waits. Thread-safe. */
final class AsyncDriver {
  /** How long after the deadline the timer fails a call that no thread took. */
  static final long LAST_RESORT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Executor callers;
  private final ScheduledExecutorService scheduler;
  private volatile boolean closed;

  /**
   * Makes a driver.
   *
   * @param callers makes the moves of calls
   * @param scheduler ends their waits
   */
  AsyncDriver(Executor callers, ScheduledExecutorService scheduler) {
    this.callers = callers;
    this.scheduler = scheduler;
  }

  /**
   * Makes a call. The future fails with what the call throws.
   *
   * @param limit how long the call may take, for messages
   */
  @SuppressWarnings({"FutureReturnValueIgnored", "CatchingUnchecked"}) // The caller hears of it.
  <V, R> CompletableFuture<R> start(Call<V, R> call, Duration limit) {
    CompletableFuture<R> result = new CompletableFuture<>();
    try {
      Future<?> lastResort =
          Timers.scheduleOrFail(
              scheduler,
              () -> fail(call, result, noThread(call.slotKey(), limit)),
              call.deadline().remainingNanos() + LAST_RESORT_NANOS);
      result.whenComplete(
          (answer, failure) -> {
            Timers.cancel(lastResort);
            call.over();
          });
    } catch (Throwable t) {
      fail(call, result, refused("scheduler", call.slotKey(), t));
      return result;
    }
    proceed(call, result, call::look);
    return result;
  }

  /** From now on the cache was closed, where a thread or a timer is refused. */
  void close() {
    closed = true;
  }

  /** Has a thread make one move of a call, and wait for the next without it. */
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the caller must hear of it.
  private <V, R> void proceed(Call<V, R> call, CompletableFuture<R> result, Runnable move) {
    try {
      callers.execute(() -> make(move, call, result));
    } catch (Throwable t) {
      fail(call, result, refused("executor", call.slotKey(), t));
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the caller must hear of it.
  private <V, R> void make(Runnable move, Call<V, R> call, CompletableFuture<R> result) {
    if (result.isDone()) {
      return;
    }
    try {
      move.run();
      if (call.isAnswered()) {
        result.complete(call.result());
      } else {
        awaitLater(call, result);
      }
    } catch (Throwable t) {
      fail(call, result, t);
    }
  }

  private static void fail(Call<?, ?> call, CompletableFuture<?> result, Throwable failure) {
    if (!result.isDone()) {
      call.tellOfFailure(failure);
      result.completeExceptionally(failure);
    }
  }

  @SuppressWarnings({"FutureReturnValueIgnored", "CatchingUnchecked"}) // The call is told of it.
  private <V, R> void awaitLater(Call<V, R> call, CompletableFuture<R> result) {
    Deadline moment = call.waitUntil();
    CompletableFuture<Landing<V>> landing = call.flight().landing();
    Future<?> timer;
    try {
      timer =
          Timers.scheduleOrFail(
              scheduler,
              () -> landing.completeExceptionally(new TimeoutException()),
              moment.remainingNanos());
    } catch (Throwable t) {
      landing.cancel(false);
      throw refused("scheduler", call.slotKey(), t);
    }
    landing.whenComplete(
        (landed, failure) -> {
          Timers.cancel(timer);
          proceed(call, result, () -> move(call, moment, landed, failure));
        });
  }

  private static <V> void move(
      Call<V, ?> call, Deadline moment, @Nullable Landing<V> landing, @Nullable Throwable failure) {
    if (landing != null) {
      call.landed(landing);
    } else if (failure instanceof TimeoutException) {
      call.waited(moment);
    } else {
      call.failed(Objects.requireNonNull(failure));
    }
  }

  private DeadlineExceededException noThread(SlotKey slotKey, Duration limit) {
    return NoThread.inTime(slotKey, "read", limit, callers, "");
  }

  private TidemarkException refused(String refuser, SlotKey slotKey, Throwable refusal) {
    return closed
        ? new CacheClosedException(null, slotKey.cache() + ": the cache was closed", refusal)
        : NoThread.refusedBy(refuser, "run the call", slotKey, refusal);
  }
}
