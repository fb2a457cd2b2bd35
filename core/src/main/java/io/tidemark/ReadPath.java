package io.tidemark;

import io.tidemark.Flight.Landing;
import io.tidemark.Flight.Seat;
import io.tidemark.Flights.Pilot;
import io.tidemark.Load.Purpose;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Filling;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads, on the caller's thread or on the cache's. Each is a {@link ReadCall} that is driven from
 * here. Refreshes have flights of their own, because a read may end with an entry that they were
 * asked to replace; so have loads past the cache, because of their limit. Thread-safe.
 */
final class ReadPath<K, V> {
  /** How late a caller is told that no thread of the cache's has found the time to tell it. */
  private static final long LAST_RESORT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Parts<K, V> parts;
  private final Flights<V> reads;
  private final Flights<V> refreshes;
  private final Flights<V> fallbacks;
  private final Flights<V> refreshesAhead;
  private final Executor callers;
  private final ScheduledExecutorService scheduler;

  /**
   * Makes one.
   *
   * @param loads runs the loads
   * @param callers runs what calls without a thread of their own do
   * @param scheduler ends their waits
   */
  ReadPath(
      Parts<K, V> parts, Executor loads, Executor callers, ScheduledExecutorService scheduler) {
    Settings<K, V> settings = parts.settings();
    this.parts = parts;
    this.reads = new Flights<>(loads);
    this.refreshes = new Flights<>(loads);
    this.refreshesAhead = new Flights<>(loads);
    this.fallbacks =
        new Flights<>(
            new LoadLimit(loads, settings.maxFallbackLoads(), settings.maxFallbackQueue()));
    this.callers = callers;
    this.scheduler = scheduler;
  }

  ReadResult<V> read(K key, SlotKey slotKey, Terms terms) {
    parts.keysInUse().check(slotKey);
    ReadCall<K, V> call = new ReadCall<>(this, parts, key, slotKey, terms);
    try {
      call.look();
      while (!call.isAnswered()) {
        await(call);
      }
    } catch (TidemarkException e) {
      throw call.failure(e);
    }
    return call.result();
  }

  /** Reads without a thread while it waits. The future fails with what {@link #read} throws. */
  @SuppressWarnings("FutureReturnValueIgnored") // To cancel a timer cannot fail.
  CompletableFuture<ReadResult<V>> readAsync(K key, SlotKey slotKey, Terms terms) {
    parts.keysInUse().check(slotKey);
    CompletableFuture<ReadResult<V>> result = new CompletableFuture<>();
    ReadCall<K, V> call = new ReadCall<>(this, parts, key, slotKey, terms);
    Runnable tooLate =
        () -> {
          if (!result.isDone()) {
            result.completeExceptionally(
                call.failure(
                    new DeadlineExceededException(slotKey, "no thread was free to read it", null)));
          }
        };
    try {
      Future<?> lastResort =
          scheduler.schedule(
              tooLate, call.deadline().remainingNanos() + LAST_RESORT_NANOS, TimeUnit.NANOSECONDS);
      result.whenComplete((answer, failure) -> lastResort.cancel(false));
      callers.execute(() -> proceed(call, result, call::look));
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(call.failure(noThread(slotKey, e)));
    }
    return result;
  }

  ReadResult<V> refresh(K key, SlotKey slotKey, Terms terms) {
    parts.keysInUse().check(slotKey);
    long startedNanos = parts.settings().ticker().nanos();
    Deadline deadline = terms.newDeadline(parts.settings().ticker());
    int flights = 1;
    Answer<V> answer = flyRefresh(key, slotKey, terms, deadline);
    while (answer == null) {
      flights++;
      answer = flyRefresh(key, slotKey, terms, deadline);
    }
    Duration latency = Duration.ofNanos(parts.settings().ticker().nanos() - startedNanos);
    return answer.toResult(latency, flights - 1);
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their loads. */
  void close() {
    reads.close();
    refreshes.close();
    fallbacks.close();
    refreshesAhead.close();
  }

  /** A seat on the flight that loads a key under its lock. */
  Seat<V> takeSeat(K key, SlotKey slotKey, Terms terms) {
    return reads.takeSeat(slotKey, load(key, slotKey, terms, Purpose.READ));
  }

  /** A seat on the flight that reads a key past the cache. */
  Seat<V> takeFallbackSeat(K key, SlotKey slotKey, Deadline deadline) {
    return fallbacks.takeSeat(
        slotKey,
        (flight, beforeEnd) ->
            new FallbackLoad<>(parts, key, slotKey, flight, deadline, beforeEnd));
  }

  /** Loads a value that was hit anew in the background, where the cache's option says so. */
  void refreshAheadIfDue(K key, SlotKey slotKey, Slot slot, Terms terms) {
    if (parts.settings().refreshAhead().isPresent()
        && slot instanceof Slot.Value value
        && isDue(parts.settings().refreshAhead().get(), value.filling())) {
      refreshesAhead.takeSeat(
          slotKey,
          (flight, beforeEnd) ->
              new RefreshAheadLoad<>(
                  parts, key, slotKey, flight, value.filling().writtenAt(), terms, beforeEnd));
    }
  }

  private boolean isDue(RefreshAhead refreshAhead, Filling filling) {
    Settings<K, V> settings = parts.settings();
    // Of a row that was published nobody knows what its load takes: about what others take.
    Duration loadTime =
        filling.loadTime().isZero() ? parts.sources().lastLoadTime() : filling.loadTime();
    return refreshAhead.isDue(filling.freshFor(), loadTime, settings.ttl(), settings.chance());
  }

  private Pilot<V> load(K key, SlotKey slotKey, Terms terms, Purpose purpose) {
    return (flight, beforeEnd) ->
        new Load<>(parts, key, slotKey, flight, terms, purpose, beforeEnd);
  }

  private void await(ReadCall<K, V> call) {
    Deadline moment = call.waitUntil();
    Landing<V> landing;
    try {
      landing = call.flight().await(moment);
    } catch (InterruptedException e) {
      throw interrupted(call.slotKey(), e);
    } catch (TimeoutException e) {
      call.waited(moment);
      return;
    } catch (ExecutionException e) {
      call.failed(Objects.requireNonNull(e.getCause()));
      return;
    }
    call.landed(landing);
  }

  /** Makes one move of a call, and waits for the next without a thread. */
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the caller must hear of it.
  private void proceed(
      ReadCall<K, V> call, CompletableFuture<ReadResult<V>> result, Runnable move) {
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
    } catch (TidemarkException e) {
      result.completeExceptionally(call.failure(e));
    } catch (Throwable t) {
      result.completeExceptionally(t);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The call is told whatever goes wrong.
  private void awaitLater(ReadCall<K, V> call, CompletableFuture<ReadResult<V>> result) {
    Deadline moment = call.waitUntil();
    CompletableFuture<Landing<V>> landing = call.flight().landing();
    Future<?> timer =
        scheduler.schedule(
            () -> landing.completeExceptionally(new TimeoutException()),
            moment.remainingNanos(),
            TimeUnit.NANOSECONDS);
    landing.whenCompleteAsync(
        (landed, failure) -> {
          timer.cancel(false);
          proceed(call, result, () -> move(call, moment, landed, failure));
        },
        callers);
  }

  private void move(
      ReadCall<K, V> call,
      Deadline moment,
      @Nullable Landing<V> landing,
      @Nullable Throwable failure) {
    if (landing != null) {
      call.landed(landing);
    } else if (failure instanceof TimeoutException) {
      call.waited(moment);
    } else {
      Throwable cause = Objects.requireNonNull(failure);
      // The copy of a future that failed wraps why.
      call.failed(
          cause instanceof CompletionException && cause.getCause() != null
              ? cause.getCause()
              : cause);
    }
  }

  /** Waits for a refresh. Returns null if what it found is too old for this caller. */
  private @Nullable Answer<V> flyRefresh(K key, SlotKey slotKey, Terms terms, Deadline deadline) {
    Seat<V> seat = refreshes.takeSeat(slotKey, load(key, slotKey, terms, Purpose.REFRESH));
    try {
      Landing<V> landing = seat.flight().await(deadline);
      return seat.mayHave(landing) ? landing.answer() : null;
    } catch (InterruptedException e) {
      throw interrupted(slotKey, e);
    } catch (TimeoutException e) {
      throw ReadCall.notLoaded(slotKey, terms);
    } catch (ExecutionException e) {
      throw ReadCall.unchecked(slotKey, Objects.requireNonNull(e.getCause()));
    }
  }

  private static CallInterruptedException interrupted(SlotKey slotKey, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CallInterruptedException(slotKey, "interrupted while it waited for a load", e);
  }

  private static UnavailableException noThread(SlotKey slotKey, RejectedExecutionException e) {
    return new UnavailableException(slotKey, "the executor refused to run the call", e);
  }
}
