package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.UnavailableException;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** The flights of one kind that are under way in this process, one for each key. Thread-safe. */
final class FlightLine<V> {
  private final String cache;
  private final TaskLimit limit;

  /** By their key; a flight for one caller by itself. */
  private final ConcurrentMap<Object, Flight<V>> underWay = new ConcurrentHashMap<>();

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
   * @param epoch the epoch that the caller's call began in
   * @param pilot starts the load of a new flight
   */
  Seat<V> takeSeat(SlotKey slotKey, long epoch, Consumer<Flight<V>> pilot) {
    Flight<V> mine = new Flight<>(flight -> underWay.remove(slotKey, flight));
    // Safeguard ONE_FLIGHT: two callers may come at once.
    Flight<V> current = underWay.putIfAbsent(slotKey, mine);
    if (current == null) {
      takeOff(mine, slotKey, pilot);
      return new Seat<>(mine, epoch);
    }
    current.run().lookIfLate();
    return new Seat<>(current, epoch);
  }

  /** Takes the only seat on a flight of the caller's own. */
  Seat<V> takeOwnSeat(SlotKey slotKey, long epoch, Consumer<Flight<V>> pilot) {
    Flight<V> mine = new Flight<>(underWay::remove);
    underWay.put(mine, mine);
    takeOff(mine, slotKey, pilot);
    return new Seat<>(mine, epoch);
  }

  @SuppressWarnings(
      "CatchingUnchecked") // Whatever goes wrong, the flight must not stay in the map.
  private void takeOff(Flight<V> mine, SlotKey slotKey, Consumer<Flight<V>> pilot) {
    try {
      pilot.accept(mine);
    } catch (UnavailableException e) {
      fail(mine, e);
    } catch (Throwable t) {
      fail(mine, NoThread.refusedBy("executor", "run the load", slotKey, t));
    }
    // A close that came before the flight was in the map has not seen it.
    if (closed) {
      cancel(mine);
    }
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their threads. */
  void close() {
    closed = true;
    underWay.values().forEach(this::cancel);
  }

  /** Where the cache was closed, that is why: its threads and its timer have ended by then. */
  private void fail(Flight<V> flight, UnavailableException failure) {
    if (closed) {
      cancel(flight);
    } else {
      flight.run().cancel(failure);
    }
  }

  private void cancel(Flight<V> flight) {
    flight.run().cancel(new CacheClosedException(null, cache + ": the cache was closed", null));
  }
}
