package io.tidemark.engine;

import io.tidemark.Origin;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hands out seats on the flights that are under way in this process, and starts those that are not:
 * one of each kind for each key. Thread-safe.
 */
final class Flights<K, V> implements Boarding<K, V> {
  private final Settings<K, V> settings;
  private final Loads<K, V> loads;
  private final Watch watch;
  private final RefreshesAhead<K, V> refreshesAhead;
  private final FlightLine<V> reads;
  private final FlightLine<V> refreshes;
  private final FlightLine<V> fallbacks;
  private final FlightLine<V> bypasses;

  /**
   * Begins without a flight.
   *
   * @param byTheCache has the threads for reads and refreshes
   * @param pastTheCache has those for fallbacks
   * @param bypass has those for reads that bypass the cache
   */
  Flights(
      Settings<K, V> settings,
      Loads<K, V> loads,
      Watch watch,
      RefreshesAhead<K, V> refreshesAhead,
      TaskLimit byTheCache,
      TaskLimit pastTheCache,
      TaskLimit bypass) {
    this.settings = settings;
    this.loads = loads;
    this.watch = watch;
    this.refreshesAhead = refreshesAhead;
    this.reads = new FlightLine<>(settings.name(), byTheCache);
    this.refreshes = new FlightLine<>(settings.name(), byTheCache);
    this.fallbacks = new FlightLine<>(settings.name(), pastTheCache);
    this.bypasses = new FlightLine<>(settings.name(), bypass);
  }

  @Override
  public Seat<V> takeSeat(Kind kind, CacheKey<K> key, Caller caller, boolean isClaimed) {
    return takeSeat(kind, key, caller, flight -> start(kind, key, flight, caller, isClaimed));
  }

  /**
   * Takes a seat on a key's flight.
   *
   * @param pilot has a new flight take off, now or soon
   */
  Seat<V> takeSeat(Kind kind, CacheKey<K> key, Caller caller, Consumer<Flight<V>> pilot) {
    return line(kind).takeSeat(key.slot(), caller, pilot);
  }

  @Override
  public Seat<V> takeOwnSeat(Kind kind, CacheKey<K> key, Caller caller) {
    return line(kind)
        .takeOwnSeat(key.slot(), caller.epoch(), flight -> start(kind, key, flight, caller, false));
  }

  @Override
  public void refreshIfDue(CacheKey<K> key, Slot slot, Terms terms) {
    refreshesAhead.startIfDue(key, slot, terms);
  }

  private FlightLine<V> line(Kind kind) {
    return switch (kind) {
      case READ -> reads;
      case REFRESH -> refreshes;
      case FALLBACK -> fallbacks;
      case BYPASS -> bypasses;
    };
  }

  /**
   * Has flights take off that seats were taken on: many share a load.
   *
   * @param kind of all of them
   */
  void takeOff(Kind kind, List<LoadOrder<K, V>> orders, Caller caller) {
    for (List<LoadOrder<K, V>> some : loads.divided(orders, kind)) {
      LoadOrder<K, V> first = some.get(0);
      if (some.size() == 1) {
        takeOff(kind, first, caller);
      } else {
        FlightGroup<K, V> group = new FlightGroup<>(some, order -> takeOff(kind, order, caller));
        group.letWantedGo();
        SlotKey slotKey = first.key().slot();
        line(kind).takeOff(group.run(), slotKey, () -> start(kind, slotKey, some, group, caller));
      }
    }
  }

  private void takeOff(Kind kind, LoadOrder<K, V> order, Caller caller) {
    line(kind)
        .takeOff(
            order.flight().run(),
            order.key().slot(),
            () -> start(kind, order.key(), order.flight(), caller, order.isClaimed()));
  }

  private void start(
      Kind kind, CacheKey<K> key, Flight<V> flight, Caller caller, boolean isClaimed) {
    Terms terms = caller.terms();
    Runnable load =
        switch (kind) {
          case READ ->
              loads.underLock(new LoadOrder<>(key, flight, terms, Purpose.READ, isClaimed));
          case REFRESH ->
              loads.underLock(new LoadOrder<>(key, flight, terms, Purpose.REFRESH, isClaimed));
          case FALLBACK, BYPASS -> loads.pastTheCache(key, flight, caller.deadline(), origin(kind));
        };
    start(kind, key.slot(), load, flight.run(), caller);
  }

  private void start(
      Kind kind,
      SlotKey slotKey,
      List<LoadOrder<K, V>> orders,
      FlightGroup<K, V> group,
      Caller caller) {
    Runnable load =
        kind.isPastTheCache()
            ? loads.manyPastTheCache(orders, group, caller.deadline(), origin(kind))
            : loads.many(orders, group);
    start(kind, slotKey, load, group.run(), caller);
  }

  private static Origin origin(Kind kind) {
    return kind == Kind.BYPASS ? Origin.SOURCE_BYPASS : Origin.SOURCE_FALLBACK;
  }

  private void start(Kind kind, SlotKey slotKey, Runnable load, LoadRun run, Caller caller) {
    Terms terms = caller.terms();
    // Past the cache, a flight has what is left of the first caller's time, and no more.
    Deadline beginBy =
        kind.isPastTheCache() ? caller.deadline() : terms.newDeadline(settings.ticker());
    TimeBound bound = new TimeBound(terms, beginBy, settings.ticker());
    run.start(load, line(kind).limit(), bound, watch.over(run, bound, slotKey, terms));
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their threads. */
  void close() {
    reads.close();
    refreshes.close();
    fallbacks.close();
    bypasses.close();
    refreshesAhead.close();
  }
}
