package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CallInterruptedException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.ReadResult;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.engine.Flights.Call;
import io.tidemark.engine.LoadOrder.Purpose;
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
  static final long LAST_RESORT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Parts<K, V> parts;
  private final Flights<V> reads;
  private final Flights<V> refreshes;
  private final Flights<V> fallbacks;
  private final Flights<V> refreshesAhead;

  /** Which keys were to be refreshed ahead just now: not every hit shall try again. */
  private final ShortMemory<Boolean> triedAhead;

  private final Executor callers;
  private final ScheduledExecutorService scheduler;
  private volatile boolean closed;

  /**
   * Makes one.
   *
   * @param loads runs the loads under their keys' locks
   * @param threads runs those past the cache, which have a limit of their own
   * @param callers runs what calls without a thread of their own do
   * @param scheduler ends their waits
   */
  ReadPath(
      Parts<K, V> parts,
      TaskLimit loads,
      Executor threads,
      Executor callers,
      ScheduledExecutorService scheduler) {
    Settings<K, V> settings = parts.settings();
    this.parts = parts;
    Watch watch =
        new Watch(settings, parts.journal(), parts.sources(), parts.hungLoads(), scheduler);
    this.reads = new Flights<>(parts, loads, watch);
    this.refreshes = new Flights<>(parts, loads, watch);
    this.refreshesAhead = new Flights<>(parts, loads, watch);
    this.triedAhead = new ShortMemory<>(Duration.ofSeconds(1), settings.ticker());
    this.fallbacks =
        new Flights<>(
            parts,
            new TaskLimit(
                threads,
                settings.limits().maxFallbackLoads(),
                settings.limits().maxFallbackQueue(),
                "maxFallbackLoads",
                "maxFallbackLoads=%d are under way and maxFallbackQueue=%d wait"
                    .formatted(
                        settings.limits().maxFallbackLoads(),
                        settings.limits().maxFallbackQueue())),
            watch);
    this.callers = callers;
    this.scheduler = scheduler;
  }

  ReadResult<V> read(CacheKey<K> key, Terms terms) {
    parts.keysInUse().check(key.slot());
    ReadCall<K, V> call = new ReadCall<>(this, parts, key, terms);
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
  @SuppressWarnings({"FutureReturnValueIgnored", "CatchingUnchecked"}) // The caller hears of it.
  CompletableFuture<ReadResult<V>> readAsync(CacheKey<K> key, Terms terms) {
    parts.keysInUse().check(key.slot());
    CompletableFuture<ReadResult<V>> result = new CompletableFuture<>();
    ReadCall<K, V> call = new ReadCall<>(this, parts, key, terms);
    try {
      Future<?> lastResort =
          scheduler.schedule(
              () -> fail(call, result, noThread(key.slot(), terms)),
              call.deadline().remainingNanos() + LAST_RESORT_NANOS,
              TimeUnit.NANOSECONDS);
      result.whenComplete((answer, failure) -> Timers.cancel(lastResort));
    } catch (Throwable t) {
      fail(call, result, refused("scheduler", key.slot(), t));
      return result;
    }
    proceed(call, result, call::look);
    return result;
  }

  ReadResult<V> refresh(CacheKey<K> key, Terms terms) {
    parts.keysInUse().check(key.slot());
    Stopwatch stopwatch = Stopwatch.start(parts.settings().ticker());
    long epoch = parts.epochs().current();
    Deadline deadline = terms.newDeadline(parts.settings().ticker());
    Deadline waitLimit = deadline.orAfter(terms.waitLimit());
    int flights = 0;
    Answer<V> answer = null;
    Row<V> row = null;
    try {
      while (answer == null || row == null) {
        flights++;
        answer = flyRefresh(key, epoch, terms, deadline, waitLimit);
        row = answer == null ? null : answer.copies().take();
      }
    } catch (RuntimeException | Error e) {
      parts.journal().add(Kind.READ_FAILED, key.slot(), stopwatch.elapsed(), e);
      throw e;
    }
    return answer.toResult(row, stopwatch.elapsed(), flights - 1);
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
  Seat<V> takeSeat(CacheKey<K> key, long epoch, Terms terms) {
    return reads.takeSeat(load(key, epoch, terms, Purpose.READ));
  }

  /** A seat on the flight that reads a key past the cache. */
  Seat<V> takeFallbackSeat(CacheKey<K> key, long epoch, Terms terms, Deadline deadline) {
    return fallbacks.takeSeat(fallback(key, epoch, terms, deadline));
  }

  /** The same on a flight that nobody else has a seat on. */
  Seat<V> takeOwnFallbackSeat(CacheKey<K> key, long epoch, Terms terms, Deadline deadline) {
    return fallbacks.takeOwnSeat(fallback(key, epoch, terms, deadline));
  }

  private Call<V> fallback(CacheKey<K> key, long epoch, Terms terms, Deadline deadline) {
    return new Call<>(
        key.slot(),
        epoch,
        deadline,
        terms,
        flight -> parts.loads().pastTheCache(key, flight, deadline));
  }

  /**
   * Loads a value that was hit anew in the background, where the cache's option says so: once a
   * second at most, whatever a try ends with, unless it makes the value one that is not due.
   */
  void refreshAheadIfDue(CacheKey<K> key, Slot slot, Terms terms) {
    if (parts.settings().refreshAhead().isPresent()
        && slot instanceof Slot.Value value
        && isDue(parts.settings().refreshAhead().get(), value.filling())
        && triedAhead.get(key.slot()) == null
        && triedAhead.put(key.slot(), true)) {
      Seat<V> unused =
          refreshesAhead.takeSeat(
              new Call<>(
                  key.slot(),
                  parts.epochs().current(),
                  terms.newDeadline(parts.settings().ticker()),
                  terms,
                  flight ->
                      parts.loads().refreshAhead(key, flight, terms, value.filling(), triedAhead)));
    }
  }

  private boolean isDue(RefreshAhead refreshAhead, Filling filling) {
    Settings<K, V> settings = parts.settings();
    // Of a row that was published nobody knows what its load takes: about what others take.
    Duration loadTime =
        filling.loadTime().isZero() ? parts.sources().lastLoadTime() : filling.loadTime();
    return RefreshTiming.isDue(
        refreshAhead, filling.freshFor(), loadTime, filling.life(), settings.chance());
  }

  private Call<V> load(CacheKey<K> key, long epoch, Terms terms, Purpose purpose) {
    return new Call<>(
        key.slot(),
        epoch,
        terms.newDeadline(parts.settings().ticker()),
        terms,
        flight -> parts.loads().underLock(key, flight, terms, purpose));
  }

  private void await(ReadCall<K, V> call) {
    Deadline moment = call.waitUntil();
    Landing<V> landing;
    try {
      // Safeguard DEADLINE_OF_CALLER: the flight may take longer than this caller can wait.
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
  @SuppressWarnings("CatchingUnchecked") // Whatever goes wrong, the caller must hear of it.
  private void proceed(
      ReadCall<K, V> call, CompletableFuture<ReadResult<V>> result, Runnable move) {
    try {
      callers.execute(() -> make(move, call, result));
    } catch (Throwable t) {
      fail(call, result, refused("executor", call.slotKey(), t));
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

  @SuppressWarnings({"FutureReturnValueIgnored", "CatchingUnchecked"}) // The call is told of it.
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

  /** Waits for a refresh. Returns null if it is of no use to this caller, who needs another. */
  private @Nullable Answer<V> flyRefresh(
      CacheKey<K> key, long epoch, Terms terms, Deadline deadline, Deadline waitLimit) {
    Seat<V> seat = refreshes.takeSeat(load(key, epoch, terms, Purpose.REFRESH));
    try {
      Landing<V> landing = seat.flight().await(deadline);
      return seat.mayHave(landing) ? landing.answer() : null;
    } catch (InterruptedException e) {
      throw interrupted(key.slot(), e);
    } catch (TimeoutException e) {
      throw seat.flight()
          .run()
          .late(key.slot(), terms.lock().deadline(), parts.settings().obstacle());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DeadlineExceededException && !waitLimit.hasPassed()) {
        // The caller that started the flight was in more of a hurry than this one is.
        return null;
      }
      throw ReadCall.unchecked(key.slot(), Objects.requireNonNull(e.getCause()));
    }
  }

  private static CallInterruptedException interrupted(SlotKey slotKey, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CallInterruptedException(slotKey, "interrupted while it waited for a load", e);
  }

  private DeadlineExceededException noThread(SlotKey slotKey, Terms terms) {
    return NoThread.inTime(slotKey, "read", terms.lock().deadline(), callers, "");
  }

  private TidemarkException refused(String whom, SlotKey slotKey, Throwable refusal) {
    return closed
        ? new CacheClosedException(null, slotKey.cache() + ": the cache was closed", refusal)
        : NoThread.refusedBy(whom, "run the call", slotKey, refusal);
  }
}
