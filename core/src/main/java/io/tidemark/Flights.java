package io.tidemark;

import io.tidemark.Flight.Seat;
import io.tidemark.spi.SlotKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** The flights of one kind that are under way in this process, one for each key. Thread-safe. */
final class Flights<V> {
  /** By their key; a flight for one caller by itself. */
  private final ConcurrentMap<Object, Flight<V>> underWay = new ConcurrentHashMap<>();

  private final String cache;
  private final Epochs epochs;
  private final Executor executor;
  private volatile boolean closed;

  /**
   * Makes flights that are flown by threads of the executor.
   *
   * @param cache the cache's name, for errors
   */
  Flights(String cache, Epochs epochs, Executor executor) {
    this.cache = cache;
    this.epochs = epochs;
    this.executor = executor;
  }

  /** What flies a new flight. */
  @FunctionalInterface
  interface Pilot<V> {
    /**
     * Prepares to fly.
     *
     * @param beforeEnd must run just before the flight ends
     */
    Runnable prepare(Flight<V> flight, Runnable beforeEnd);
  }

  /**
   * Takes a seat on the key's flight; if there is none, one takes off.
   *
   * @param epoch the epoch that the caller's call began in
   */
  Seat<V> takeSeat(SlotKey slotKey, long epoch, Pilot<V> pilot) {
    Flight<V> mine = new Flight<>(epochs);
    Flight<V> current = underWay.putIfAbsent(slotKey, mine);
    return current == null
        ? takeOff(slotKey, mine, slotKey, epoch, pilot)
        : new Seat<>(current, epoch);
  }

  /** Takes the only seat on a flight of the caller's own. */
  Seat<V> takeOwnSeat(SlotKey slotKey, long epoch, Pilot<V> pilot) {
    Flight<V> mine = new Flight<>(epochs);
    underWay.put(mine, mine);
    return takeOff(mine, mine, slotKey, epoch, pilot);
  }

  private Seat<V> takeOff(
      Object place, Flight<V> mine, SlotKey slotKey, long epoch, Pilot<V> pilot) {
    // A flight leaves the map before it ends: whoever finds it there can still wait for its end.
    Runnable beforeEnd = () -> underWay.remove(place, mine);
    try {
      mine.takeOff(pilot.prepare(mine, beforeEnd), executor);
    } catch (RejectedExecutionException e) {
      beforeEnd.run();
      mine.fail(
          new UnavailableException(
              slotKey, "the executor refused to run the load: " + e.getMessage(), e));
    }
    // A close that came before the flight was in the map has not seen it.
    if (closed) {
      cancel(place, mine);
    }
    return new Seat<>(mine, epoch);
  }

  /** Refuses new flights, ends those under way with an error, and interrupts who flies them. */
  void close() {
    closed = true;
    underWay.forEach(this::cancel);
  }

  private void cancel(Object place, Flight<V> flight) {
    underWay.remove(place, flight);
    flight.cancel(new CacheClosedException(null, cache + ": the cache was closed", null));
  }
}
