package io.tidemark.engine;

import io.tidemark.engine.Flight.Seat;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.TaskLimit;

/**
 * Hands out seats on the flights that are under way in this process, and starts those that are not:
 * one of each kind for each key. Thread-safe.
 */
final class Flights<K, V> {
  private final Settings<K, V> settings;
  private final Loads<K, V> loads;
  private final Watch watch;
  private final FlightLine<V> reads;
  private final FlightLine<V> refreshes;
  private final FlightLine<V> fallbacks;

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
    this.reads = new FlightLine<>(settings.name(), byTheCache);
    this.refreshes = new FlightLine<>(settings.name(), byTheCache);
    this.fallbacks = new FlightLine<>(settings.name(), pastTheCache);
  }

  /** Takes a seat on a key's flight; if there is none, one takes off. */
  Seat<V> takeSeat(Kind kind, CacheKey<K> key, Caller caller) {
    return line(kind)
        .takeSeat(key.slot(), caller.epoch(), flight -> start(kind, key, flight, caller));
  }

  /** Takes the only seat on a flight of the caller's own. */
  Seat<V> takeOwnSeat(Kind kind, CacheKey<K> key, Caller caller) {
    return line(kind)
        .takeOwnSeat(key.slot(), caller.epoch(), flight -> start(kind, key, flight, caller));
  }

  private FlightLine<V> line(Kind kind) {
    return switch (kind) {
      case READ -> reads;
      case REFRESH -> refreshes;
      case FALLBACK -> fallbacks;
    };
  }

  private void start(Kind kind, CacheKey<K> key, Flight<V> flight, Caller caller) {
    Terms terms = caller.terms();
    Runnable load =
        switch (kind) {
          case READ -> loads.underLock(key, flight, terms, Purpose.READ);
          case REFRESH -> loads.underLock(key, flight, terms, Purpose.REFRESH);
          case FALLBACK -> loads.pastTheCache(key, flight, caller.deadline());
        };
    // Past the cache, a flight has what is left of the first caller's time, and no more.
    Deadline beginBy =
        kind == Kind.FALLBACK ? caller.deadline() : terms.newDeadline(settings.ticker());
    LoadRun run = flight.run();
    TimeBound bound = new TimeBound(terms, beginBy, settings.ticker());
    run.start(load, line(kind).limit(), bound, watch.over(run, bound, key.slot(), terms));
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their threads. */
  void close() {
    reads.close();
    refreshes.close();
    fallbacks.close();
  }
}
