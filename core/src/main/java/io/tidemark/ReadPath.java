package io.tidemark;

import io.tidemark.Flight.Landing;
import io.tidemark.Flight.Seat;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads: the slot first; on a miss, a seat on the key's flight; and the slot again where what the
 * flight found is too old for this caller. Thread-safe.
 */
final class ReadPath<K, V> {
  private final Parts<K, V> parts;
  private final Settings<K, V> settings;
  private final Counters counters;
  private final Executor executor;
  private final ConcurrentMap<SlotKey, Flight<V>> flights = new ConcurrentHashMap<>();
  private volatile boolean closed;

  ReadPath(Parts<K, V> parts, Executor executor) {
    this.parts = parts;
    this.settings = parts.settings();
    this.counters = parts.counters();
    this.executor = executor;
  }

  ReadResult<V> read(K key, SlotKey slotKey) {
    parts.keysInUse().check(slotKey);
    long startedNanos = settings.ticker().nanos();
    Deadline deadline = settings.newDeadline();
    int looks = 0;
    Answer<V> answer = look(key, slotKey, deadline, looks);
    while (answer == null) {
      looks++;
      answer = look(key, slotKey, deadline, looks);
    }
    return answer.toResult(Duration.ofNanos(settings.ticker().nanos() - startedNanos), looks);
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their loads. */
  void close() {
    closed = true;
    flights.forEach(this::cancel);
  }

  /**
   * Reads the slot, and flies if it holds no entry.
   *
   * @return null if what the flight found is too old for this caller
   */
  private @Nullable Answer<V> look(K key, SlotKey slotKey, Deadline deadline, int looks) {
    Slot slot = null;
    UnavailableException storeFailure = null;
    Optional<Row<V>> hit = Optional.empty();
    try {
      slot = settings.store().read(slotKey);
      hit = parts.rows().hit(slotKey, slot);
    } catch (UnavailableException e) {
      storeFailure = e;
    }
    if (looks == 0) {
      (hit.isPresent() ? counters.hits : counters.misses).increment();
    }
    if (hit.isPresent()) {
      return Answer.found(hit.get(), looks == 0 ? Origin.CACHE : Origin.CACHE_AFTER_WAIT);
    }
    try {
      return fly(key, slotKey, storeFailure, deadline);
    } catch (UnavailableException | DeadlineExceededException e) {
      return staleAnswer(slotKey, slot).orElseThrow(() -> e);
    }
  }

  private @Nullable Answer<V> fly(
      K key, SlotKey slotKey, @Nullable UnavailableException storeFailure, Deadline deadline) {
    Seat<V> seat = takeSeat(key, slotKey, storeFailure);
    Landing<V> landing;
    try {
      landing = seat.flight().await(deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(slotKey, "interrupted while it waited for a load", e);
    } catch (TimeoutException e) {
      throw new DeadlineExceededException(
          slotKey, "not loaded within " + settings.deadline() + "; the load goes on", null);
    } catch (ExecutionException e) {
      throw unchecked(slotKey, e.getCause());
    }
    if (!seat.mayHave(landing)) {
      return null;
    }
    if (landing.answer().origin() == Origin.SOURCE_FALLBACK) {
      counters.fallbacks.increment();
    }
    return landing.answer();
  }

  private Seat<V> takeSeat(K key, SlotKey slotKey, @Nullable UnavailableException storeFailure) {
    Flight<V> mine = new Flight<>();
    Flight<V> current = flights.putIfAbsent(slotKey, mine);
    if (current != null) {
      return current.join();
    }
    Seat<V> seat = mine.firstSeat();
    // A flight leaves the map before it ends: whoever finds it there can still wait for its end.
    Runnable beforeEnd = () -> flights.remove(slotKey, mine);
    try {
      mine.takeOff(new Load<>(parts, key, slotKey, mine, storeFailure, beforeEnd), executor);
    } catch (RejectedExecutionException e) {
      beforeEnd.run();
      mine.fail(new UnavailableException(slotKey, "the executor refused to run the load", e));
    }
    // A close that came before the flight was in the map has not seen it.
    if (closed) {
      cancel(slotKey, mine);
    }
    return seat;
  }

  private void cancel(SlotKey slotKey, Flight<V> flight) {
    flights.remove(slotKey, flight);
    flight.cancel(new CacheClosedException(null, settings.name() + ": the cache was closed", null));
  }

  private Optional<Answer<V>> staleAnswer(SlotKey slotKey, @Nullable Slot slot) {
    if (settings.fallback() != FallbackPolicy.STALE || slot == null) {
      return Optional.empty();
    }
    Optional<Row<V>> expired = parts.rows().expired(slotKey, slot);
    expired.ifPresent(row -> counters.fallbacks.increment());
    return expired.map(row -> Answer.found(row, Origin.CACHE_STALE));
  }

  private static RuntimeException unchecked(SlotKey slotKey, @Nullable Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException exception
        ? exception
        : new UnavailableException(slotKey, "the load was interrupted", failure);
  }
}
