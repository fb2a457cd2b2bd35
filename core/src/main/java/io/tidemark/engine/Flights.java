package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.UnavailableException;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The flights of one kind that are under way in this process, one for each key. Thread-safe. */
final class Flights<V> {
  /** By their key; a flight for one caller by itself. */
  private final ConcurrentMap<Object, Flight<V>> underWay = new ConcurrentHashMap<>();

  private final Parts<?, V> parts;
  private final TaskLimit limit;
  private final Watch watch;
  private volatile boolean closed;

  /**
   * Makes flights.
   *
   * @param limit flies them
   * @param watch ends those that take too long
   */
  Flights(Parts<?, V> parts, TaskLimit limit, Watch watch) {
    this.parts = parts;
    this.limit = limit;
    this.watch = watch;
  }

  /** What flies a new flight. */
  @FunctionalInterface
  interface Pilot<V> {
    /** Prepares to fly. */
    Runnable prepare(Flight<V> flight);
  }

  /**
   * One caller's wish to fly.
   *
   * @param epoch the epoch that the call began in
   * @param beginBy when it is too late for a new flight to begin
   * @param terms of the call, and of a new flight
   * @param pilot of a new flight
   */
  record Call<V>(SlotKey slotKey, long epoch, Deadline beginBy, Terms terms, Pilot<V> pilot) {}

  /** Takes a seat on the key's flight; if there is none, one takes off. */
  Seat<V> takeSeat(Call<V> call) {
    SlotKey slotKey = call.slotKey();
    Flight<V> mine = new Flight<>(parts.epochs(), flight -> underWay.remove(slotKey, flight));
    // Safeguard ONE_FLIGHT: two callers may come at once.
    Flight<V> current = underWay.putIfAbsent(slotKey, mine);
    if (current == null) {
      return takeOff(mine, call);
    }
    current.run().lookIfLate();
    return new Seat<>(current, call.epoch());
  }

  /** Takes the only seat on a flight of the caller's own. */
  Seat<V> takeOwnSeat(Call<V> call) {
    Flight<V> mine = new Flight<>(parts.epochs(), underWay::remove);
    underWay.put(mine, mine);
    return takeOff(mine, call);
  }

  @SuppressWarnings(
      "CatchingUnchecked") // Whatever goes wrong, the flight must not stay in the map.
  private Seat<V> takeOff(Flight<V> mine, Call<V> call) {
    SlotKey slotKey = call.slotKey();
    try {
      Runnable load = call.pilot().prepare(mine);
      LoadRun run = mine.run();
      TimeBound bound = new TimeBound(call.terms(), call.beginBy(), parts.settings().ticker());
      run.start(load, limit, bound, watch.over(run, bound, slotKey, call.terms()));
    } catch (UnavailableException e) {
      fail(mine, e);
    } catch (Throwable t) {
      fail(mine, NoThread.refusedBy("executor", "run the load", slotKey, t));
    }
    // A close that came before the flight was in the map has not seen it.
    if (closed) {
      cancel(mine);
    }
    return new Seat<>(mine, call.epoch());
  }

  /** Refuses new flights, ends those under way with an error, and interrupts who flies them. */
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
    String cache = parts.settings().name();
    flight.run().cancel(new CacheClosedException(null, cache + ": the cache was closed", null));
  }
}
