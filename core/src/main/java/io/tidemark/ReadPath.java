package io.tidemark;

import io.tidemark.Flight.Landing;
import io.tidemark.Flight.Seat;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads: the slot first; on a miss, a seat on the key's flight; and the slot again where what the
 * flight found is too old for this caller. Refreshes have flights of their own, because a read may
 * end with an entry that they were asked to replace. Thread-safe.
 */
final class ReadPath<K, V> {
  private final Parts<K, V> parts;
  private final Settings<K, V> settings;
  private final Counters counters;
  private final Flights<V> reads;
  private final Flights<V> refreshes;

  ReadPath(Parts<K, V> parts, Executor executor) {
    this.parts = parts;
    this.settings = parts.settings();
    this.counters = parts.counters();
    this.reads = new Flights<>(executor);
    this.refreshes = new Flights<>(executor);
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
    return answer.toResult(latency(startedNanos), looks);
  }

  ReadResult<V> refresh(K key, SlotKey slotKey) {
    parts.keysInUse().check(slotKey);
    long startedNanos = settings.ticker().nanos();
    Deadline deadline = settings.newDeadline();
    int flights = 1;
    Answer<V> answer = fly(takeRefreshSeat(key, slotKey), slotKey, deadline);
    while (answer == null) {
      flights++;
      answer = fly(takeRefreshSeat(key, slotKey), slotKey, deadline);
    }
    return answer.toResult(latency(startedNanos), flights - 1);
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their loads. */
  void close() {
    reads.close();
    refreshes.close();
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
      return fly(takeSeat(key, slotKey, storeFailure), slotKey, deadline);
    } catch (UnavailableException | DeadlineExceededException e) {
      return staleAnswer(slotKey, slot).orElseThrow(() -> e);
    }
  }

  private Seat<V> takeSeat(K key, SlotKey slotKey, @Nullable UnavailableException storeFailure) {
    return reads.takeSeat(
        slotKey,
        (flight, beforeEnd) -> Load.forRead(parts, key, slotKey, flight, storeFailure, beforeEnd));
  }

  private Seat<V> takeRefreshSeat(K key, SlotKey slotKey) {
    return refreshes.takeSeat(
        slotKey, (flight, beforeEnd) -> Load.forRefresh(parts, key, slotKey, flight, beforeEnd));
  }

  /** Waits for a flight. Returns null if what it found is too old for this caller. */
  private @Nullable Answer<V> fly(Seat<V> seat, SlotKey slotKey, Deadline deadline) {
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

  private Optional<Answer<V>> staleAnswer(SlotKey slotKey, @Nullable Slot slot) {
    if (settings.fallback() != FallbackPolicy.STALE || slot == null) {
      return Optional.empty();
    }
    Optional<Row<V>> expired = parts.rows().expired(slotKey, slot);
    expired.ifPresent(row -> counters.fallbacks.increment());
    return expired.map(row -> Answer.found(row, Origin.CACHE_STALE));
  }

  private Duration latency(long startedNanos) {
    return Duration.ofNanos(settings.ticker().nanos() - startedNanos);
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
