package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.UnavailableException;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Hands out seats on the flights that are under way in this process, and starts those that are not:
 * one of each kind for each key. Thread-safe.
 */
final class Flights<K, V> {
  private final Settings<K, V> settings;
  private final Loads<K, V> loads;
  private final Watch watch;
  private final Line<V> reads;
  private final Line<V> refreshes;
  private final Line<V> fallbacks;
  private volatile boolean closed;

  /** What a flight is for. */
  enum Kind {
    /** An answer, by the cache: any entry will do. */
    READ,

    /** A row that was read after the callers asked: a read may end with the entry from before. */
    REFRESH,

    /** An answer past the cache, for which there is a limit of its own. */
    FALLBACK
  }

  /**
   * A call that takes seats, for one key or for many.
   *
   * @param epoch the epoch that it began in
   * @param terms its terms, and those of the flights that it starts
   * @param deadline when its time ends
   */
  record Caller(long epoch, Terms terms, Deadline deadline) {}

  /**
   * The flights of one kind.
   *
   * @param limit has the threads that fly
   * @param underWay by their key; a flight for one caller by itself
   */
  private record Line<V>(TaskLimit limit, ConcurrentMap<Object, Flight<V>> underWay) {
    Line(TaskLimit limit) {
      this(limit, new ConcurrentHashMap<>());
    }
  }

  /**
   * Begins without a flight.
   *
   * @param byTheCache has the threads for reads and refreshes
   * @param pastTheCache has those for fallbacks
   */
  Flights(
      Settings<K, V> settings,
      Loads<K, V> loads,
      Watch watch,
      TaskLimit byTheCache,
      TaskLimit pastTheCache) {
    this.settings = settings;
    this.loads = loads;
    this.watch = watch;
    this.reads = new Line<>(byTheCache);
    this.refreshes = new Line<>(byTheCache);
    this.fallbacks = new Line<>(pastTheCache);
  }

  /** Takes a seat on a key's flight; if there is none, one takes off. */
  Seat<V> takeSeat(Kind kind, CacheKey<K> key, Caller caller) {
    SlotKey slotKey = key.slot();
    ConcurrentMap<Object, Flight<V>> underWay = line(kind).underWay();
    Flight<V> mine = new Flight<>(flight -> underWay.remove(slotKey, flight));
    // Safeguard ONE_FLIGHT: two callers may come at once.
    Flight<V> current = underWay.putIfAbsent(slotKey, mine);
    if (current == null) {
      return takeOff(kind, key, mine, caller);
    }
    current.run().lookIfLate();
    return new Seat<>(current, caller.epoch());
  }

  /** Takes the only seat on a flight of the caller's own. */
  Seat<V> takeOwnSeat(Kind kind, CacheKey<K> key, Caller caller) {
    ConcurrentMap<Object, Flight<V>> underWay = line(kind).underWay();
    Flight<V> mine = new Flight<>(underWay::remove);
    underWay.put(mine, mine);
    return takeOff(kind, key, mine, caller);
  }

  private Line<V> line(Kind kind) {
    return switch (kind) {
      case READ -> reads;
      case REFRESH -> refreshes;
      case FALLBACK -> fallbacks;
    };
  }

  @SuppressWarnings(
      "CatchingUnchecked") // Whatever goes wrong, the flight must not stay in the map.
  private Seat<V> takeOff(Kind kind, CacheKey<K> key, Flight<V> mine, Caller caller) {
    SlotKey slotKey = key.slot();
    Terms terms = caller.terms();
    try {
      Runnable load = prepare(kind, key, mine, caller);
      LoadRun run = mine.run();
      TimeBound bound = new TimeBound(terms, beginBy(kind, caller), settings.ticker());
      run.start(load, line(kind).limit(), bound, watch.over(run, bound, slotKey, terms));
    } catch (UnavailableException e) {
      fail(mine, e);
    } catch (Throwable t) {
      fail(mine, NoThread.refusedBy("executor", "run the load", slotKey, t));
    }
    // A close that came before the flight was in the map has not seen it.
    if (closed) {
      cancel(mine);
    }
    return new Seat<>(mine, caller.epoch());
  }

  private Runnable prepare(Kind kind, CacheKey<K> key, Flight<V> flight, Caller caller) {
    return switch (kind) {
      case READ -> loads.underLock(key, flight, caller.terms(), Purpose.READ);
      case REFRESH -> loads.underLock(key, flight, caller.terms(), Purpose.REFRESH);
      case FALLBACK -> loads.pastTheCache(key, flight, caller.deadline());
    };
  }

  /** Past the cache, a flight has what is left of the first caller's time, and no more. */
  private Deadline beginBy(Kind kind, Caller caller) {
    return kind == Kind.FALLBACK
        ? caller.deadline()
        : caller.terms().newDeadline(settings.ticker());
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their threads. */
  void close() {
    closed = true;
    for (Kind kind : Kind.values()) {
      line(kind).underWay().values().forEach(this::cancel);
    }
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
    flight
        .run()
        .cancel(new CacheClosedException(null, settings.name() + ": the cache was closed", null));
  }
}
