package io.tidemark;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.Flight.Landing;
import io.tidemark.Flight.Seat;
import io.tidemark.Flights.Pilot;
import io.tidemark.Load.Purpose;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Filling;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
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

  /** Why keys were not refreshed ahead just now: not every hit shall try again. */
  private final ShortMemory<String> notRefreshedAhead;

  private final Executor callers;
  private final ScheduledExecutorService scheduler;
  private volatile boolean closed;

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
    this.reads = new Flights<>(settings.name(), parts.epochs(), loads);
    this.refreshes = new Flights<>(settings.name(), parts.epochs(), loads);
    this.refreshesAhead = new Flights<>(settings.name(), parts.epochs(), loads);
    this.notRefreshedAhead = new ShortMemory<>(Duration.ofSeconds(1), settings.ticker());
    this.fallbacks =
        new Flights<>(
            settings.name(),
            parts.epochs(),
            new TaskLimit(
                loads,
                settings.maxFallbackLoads(),
                settings.maxFallbackQueue(),
                "maxFallbackLoads",
                "maxFallbackLoads=%d are under way and maxFallbackQueue=%d wait"
                    .formatted(settings.maxFallbackLoads(), settings.maxFallbackQueue())));
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
    } catch (RuntimeException | Error e) {
      call.tellOfFailure(e);
      throw e;
    }
    return call.result();
  }

  /** Reads without a thread while it waits. The future fails with what {@link #read} throws. */
  @SuppressWarnings("FutureReturnValueIgnored") // To cancel a timer cannot fail.
  CompletableFuture<ReadResult<V>> readAsync(K key, SlotKey slotKey, Terms terms) {
    parts.keysInUse().check(slotKey);
    CompletableFuture<ReadResult<V>> result = new CompletableFuture<>();
    ReadCall<K, V> call = new ReadCall<>(this, parts, key, slotKey, terms);
    try {
      Future<?> lastResort =
          scheduler.schedule(
              () -> fail(call, result, noThread(slotKey, terms)),
              call.deadline().remainingNanos() + LAST_RESORT_NANOS,
              TimeUnit.NANOSECONDS);
      result.whenComplete((answer, failure) -> lastResort.cancel(false));
    } catch (RejectedExecutionException e) {
      fail(call, result, refused(slotKey, e));
    }
    proceed(call, result, call::look);
    return result;
  }

  ReadResult<V> refresh(K key, SlotKey slotKey, Terms terms) {
    parts.keysInUse().check(slotKey);
    long startedNanos = parts.settings().ticker().nanos();
    Deadline deadline = terms.newDeadline(parts.settings().ticker());
    long epoch = parts.epochs().current();
    int flights = 0;
    Answer<V> answer = null;
    Row<V> row = null;
    try {
      while (answer == null || row == null) {
        flights++;
        answer = flyRefresh(key, slotKey, epoch, terms, deadline);
        row = answer == null ? null : answer.copies().take();
      }
    } catch (RuntimeException | Error e) {
      parts.journal().add(Kind.READ_FAILED, slotKey, since(startedNanos), e);
      throw e;
    }
    return answer.toResult(row, since(startedNanos), flights - 1);
  }

  private Duration since(long startedNanos) {
    return Duration.ofNanos(parts.settings().ticker().nanos() - startedNanos);
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their loads. */
  void close() {
    closed = true;
    reads.close();
    refreshes.close();
    fallbacks.close();
    refreshesAhead.close();
  }

  /** A seat on the flight that loads a key under its lock. */
  Seat<V> takeSeat(K key, SlotKey slotKey, long epoch, Terms terms) {
    return reads.takeSeat(slotKey, epoch, load(key, slotKey, terms, Purpose.READ));
  }

  /** A seat on the flight that reads a key past the cache. */
  Seat<V> takeFallbackSeat(K key, SlotKey slotKey, long epoch, Deadline deadline) {
    return fallbacks.takeSeat(slotKey, epoch, fallback(key, slotKey, deadline));
  }

  /** The same on a flight that nobody else has a seat on. */
  Seat<V> takeOwnFallbackSeat(K key, SlotKey slotKey, long epoch, Deadline deadline) {
    return fallbacks.takeOwnSeat(slotKey, epoch, fallback(key, slotKey, deadline));
  }

  private Pilot<V> fallback(K key, SlotKey slotKey, Deadline deadline) {
    return (flight, beforeEnd) ->
        new FallbackLoad<>(parts, key, slotKey, flight, deadline, beforeEnd);
  }

  /** Loads a value that was hit anew in the background, where the cache's option says so. */
  void refreshAheadIfDue(K key, SlotKey slotKey, Slot slot, Terms terms) {
    if (parts.settings().refreshAhead().isPresent()
        && slot instanceof Slot.Value value
        && isDue(parts.settings().refreshAhead().get(), value.filling())
        && notRefreshedAhead.get(slotKey) == null) {
      refreshesAhead.takeSeat(
          slotKey,
          parts.epochs().current(),
          (flight, beforeEnd) ->
              new RefreshAheadLoad<>(
                  parts,
                  key,
                  slotKey,
                  flight,
                  value.filling(),
                  terms,
                  notRefreshedAhead,
                  beforeEnd));
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

  /** Has a thread make one move of a call, and wait for the next without it. */
  private void proceed(
      ReadCall<K, V> call, CompletableFuture<ReadResult<V>> result, Runnable move) {
    try {
      callers.execute(() -> make(move, call, result));
    } catch (RejectedExecutionException e) {
      fail(call, result, refused(call.slotKey(), e));
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the caller must hear of it.
  private void make(Runnable move, ReadCall<K, V> call, CompletableFuture<ReadResult<V>> result) {
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

  private void fail(
      ReadCall<K, V> call, CompletableFuture<ReadResult<V>> result, Throwable failure) {
    if (!result.isDone()) {
      call.tellOfFailure(failure);
      result.completeExceptionally(failure);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The call is told whatever goes wrong.
  private void awaitLater(ReadCall<K, V> call, CompletableFuture<ReadResult<V>> result) {
    Deadline moment = call.waitUntil();
    CompletableFuture<Landing<V>> landing = call.flight().landing();
    Future<?> timer;
    try {
      timer =
          scheduler.schedule(
              () -> landing.completeExceptionally(new TimeoutException()),
              moment.remainingNanos(),
              TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      landing.cancel(false);
      throw refused(call.slotKey(), e);
    }
    landing.whenComplete(
        (landed, failure) -> {
          timer.cancel(false);
          proceed(call, result, () -> move(call, moment, landed, failure));
        });
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
      call.failed(Objects.requireNonNull(failure));
    }
  }

  /** Waits for a refresh. Returns null if what it found is too old for this caller. */
  private @Nullable Answer<V> flyRefresh(
      K key, SlotKey slotKey, long epoch, Terms terms, Deadline deadline) {
    Seat<V> seat = refreshes.takeSeat(slotKey, epoch, load(key, slotKey, terms, Purpose.REFRESH));
    try {
      Landing<V> landing = seat.flight().await(deadline);
      return seat.mayHave(landing) ? landing.answer() : null;
    } catch (InterruptedException e) {
      throw interrupted(slotKey, e);
    } catch (TimeoutException e) {
      throw seat.flight().late(slotKey, terms.lock().deadline(), parts.settings().obstacle());
    } catch (ExecutionException e) {
      throw ReadCall.unchecked(slotKey, Objects.requireNonNull(e.getCause()));
    }
  }

  private static CallInterruptedException interrupted(SlotKey slotKey, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CallInterruptedException(slotKey, "interrupted while it waited for a load", e);
  }

  private DeadlineExceededException noThread(SlotKey slotKey, Terms terms) {
    return DeadlineExceededException.noThread(
        slotKey, "read", terms.lock().deadline(), callers, "");
  }

  private TidemarkException refused(SlotKey slotKey, RejectedExecutionException e) {
    return closed
        ? new CacheClosedException(null, slotKey.cache() + ": the cache was closed", e)
        : new UnavailableException(
            slotKey, "the executor refused to run the call: " + e.getMessage(), e);
  }
}
