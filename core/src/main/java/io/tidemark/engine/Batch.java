package io.tidemark.engine;

import io.tidemark.engine.Boarding.Kind;
import io.tidemark.engine.Flight.Seat;
import io.tidemark.engine.LoadOrder.Purpose;
import io.tidemark.spi.Slot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Where a call for many keys takes its seats: the flights that it starts wait for each other, and
 * those of a kind share a load. For one thread at a time.
 */
final class Batch<K, V> implements Boarding<K, V> {
  private final Flights<K, V> flights;

  /** The flights that have yet to take off. Others may have taken seats on them already. */
  private final Map<Kind, List<LoadOrder<K, V>>> waiting = new EnumMap<>(Kind.class);

  /** What may wait longer than the flights, for whose threads it would compete. */
  private final List<Runnable> refreshes = new ArrayList<>();

  Batch(Flights<K, V> flights) {
    this.flights = flights;
  }

  @Override
  public Seat<V> takeSeat(Kind kind, CacheKey<K> key, Caller caller, boolean isClaimed) {
    List<LoadOrder<K, V>> together = waiting.computeIfAbsent(kind, any -> new ArrayList<>());
    return flights.takeSeat(
        kind,
        key,
        caller,
        flight ->
            together.add(new LoadOrder<>(key, flight, caller.terms(), Purpose.READ, isClaimed)));
  }

  @Override
  public Seat<V> takeOwnSeat(Kind kind, CacheKey<K> key, Caller caller) {
    return flights.takeOwnSeat(kind, key, caller);
  }

  @Override
  public void refreshIfDue(CacheKey<K> key, Slot slot, Terms terms) {
    refreshes.add(() -> flights.refreshIfDue(key, slot, terms));
  }

  /** Has the flights take off that wait for it, and then the refreshes begin that are due. */
  void takeOff(Caller caller) {
    waiting.forEach((kind, orders) -> flights.takeOff(kind, orders, caller));
    waiting.clear();
    refreshes.forEach(Runnable::run);
    refreshes.clear();
  }
}
