package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.UnavailableException;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The flights of one kind that are under way in this process, one for each key. Thread-safe. */
final class FlightLine<V> {
  private final String cache;
  private final TaskLimit limit;

  /** By their key; a flight for one caller by its number. */
  private final ConcurrentMap<Object, Flight<V>> underWay = new ConcurrentHashMap<>();

  private final AtomicLong ownSeats = new AtomicLong();

  private volatile boolean closed;

  /**
   * Begins without a flight.
   *
   * @param limit has the threads that fly
   */
  FlightLine(String cache, TaskLimit limit) {
    this.cache = cache;
    this.limit = limit;
  }

  TaskLimit limit() {
    return limit;
  }

  /**
   * Takes a seat on a key's flight; if there is none, one takes off.
   *
   * @param pilot starts the load of a new flight
   */
  Seat<V> takeSeat(SlotKey slotKey, Caller caller, Consumer<Flight<V>> pilot) {
    Flight<V> mine = new Flight<>(flight -> underWay.remove(slotKey, flight));
    // Safeguard ONE_FLIGHT: two callers may come at once.
    Flight<V> current = underWay.putIfAbsent(slotKey, mine);
    if (current == null) {
      takeOff(mine.run(), slotKey, () -> pilot.accept(mine));
      return new Seat<>(mine, caller.epoch());
    }
    current.run().lookIfLate();
    if (caller.isNested()) {
      // The thread that has the key among others may be waiting for this caller's load.
      current.letGo(slotKey);
    }
    return new Seat<>(current, caller.epoch());
  }

  /** Takes the only seat on a flight of the caller's own. */
  Seat<V> takeOwnSeat(SlotKey slotKey, long epoch, Consumer<Flight<V>> pilot) {
    Object number = ownSeats.incrementAndGet();
    Flight<V> mine = new Flight<>(flight -> underWay.remove(number, flight));
    underWay.put(number, mine);
    takeOff(mine.run(), slotKey, () -> pilot.accept(mine));
    return new Seat<>(mine, epoch);
  }

  /**
   * Starts the load of flights that are in the map.
   *
   * @param slotKey what is loaded, for messages
   * @param pilot starts the run
   */
  @SuppressWarnings(
      "CatchingUnchecked") // Whatever goes wrong, the flight must not stay in the map.
  void takeOff(LoadRun run, SlotKey slotKey, Runnable pilot) {
    try {
      pilot.run();
    } catch (UnavailableException e) {
      fail(run, e);
    } catch (Throwable t) {
      fail(run, NoThread.refusedBy("executor", "run the load", slotKey, t));
    }
    // A close that came before the flight was in the map has not seen it.
    if (closed) {
      cancel(run);
    }
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their threads. */
  void close() {
    closed = true;
    underWay.values().forEach(flight -> cancel(flight.run()));
  }

  /** Where the cache was closed, that is why: its threads and its timer have ended by then. */
  private void fail(LoadRun run, UnavailableException failure) {
    if (closed) {
      cancel(run);
    } else {
      run.cancel(failure);
    }
  }

  private void cancel(LoadRun run) {
    run.cancel(new CacheClosedException(null, cache + ": the cache was closed", null));
  }
}
