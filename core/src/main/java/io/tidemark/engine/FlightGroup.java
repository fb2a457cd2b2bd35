package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.LoadFailedException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Flights that share the run of one load, in one attempt or in several. A load or a write that
 * waits for one of them may be what the source waits for meanwhile, so a flight that is not being
 * worked on is let go for it, at once or as soon as that is so. Thread-safe.
 */
final class FlightGroup<K, V> implements LoadRun.Owner {
  private final ConcurrentMap<SlotKey, LoadOrder<K, V>> orders = new ConcurrentHashMap<>();
  private final LoadRun run = new LoadRun(this);
  private final Consumer<LoadOrder<K, V>> alone;

  /** The keys to be let go, also those that the load was busy with when that was asked for. */
  private final Set<SlotKey> wanted = new HashSet<>();

  /** The keys that the load is busy with. No other thread takes them out of the group. */
  private Set<SlotKey> atWork = Set.of();

  /**
   * Has flights that no load was started for share a run.
   *
   * @param alone starts a load of one of them
   */
  FlightGroup(List<LoadOrder<K, V>> orders, Consumer<LoadOrder<K, V>> alone) {
    this.alone = alone;
    for (LoadOrder<K, V> order : orders) {
      this.orders.put(order.key().slot(), order);
      if (order.flight().join(run)) {
        wanted.add(order.key().slot());
      }
    }
  }

  LoadRun run() {
    return run;
  }

  /**
   * Begins an attempt with some of the keys, which has a bound of its own.
   *
   * @return the keys that it is to have: others were let go since
   */
  List<CacheKey<K>> beginAttempt(List<CacheKey<K>> keys) {
    // It is busy with none in between, not even with those that it goes on with.
    List<CacheKey<K>> unused = workOn(List.of());
    List<CacheKey<K>> left = workOn(keys);
    run.beginAttempt(null);
    return left;
  }

  /** Goes on with some of the keys of the attempt, likewise. */
  List<CacheKey<K>> workOn(List<CacheKey<K>> keys) {
    List<CacheKey<K>> left = turnTo(keys);
    letWantedGo();
    return left;
  }

  private synchronized List<CacheKey<K>> turnTo(List<CacheKey<K>> keys) {
    List<CacheKey<K>> left = keys.stream().filter(key -> has(key.slot())).toList();
    atWork = left.stream().map(CacheKey::slot).collect(Collectors.toSet());
    return left;
  }

  /** Whether the load is still to bring a key, or has done so. */
  boolean has(SlotKey key) {
    return orders.containsKey(key);
  }

  /** Lets a flight go on with a load of its own, whatever becomes of the others. */
  void goAlone(LoadOrder<K, V> order) {
    if (orders.remove(order.key().slot(), order)) {
      startAlone(order);
    }
  }

  @Override
  public void letGo(SlotKey key) {
    synchronized (this) {
      wanted.add(key);
    }
    letWantedGo();
  }

  /** Lets the flights go that loads wait for and that are not being worked on. */
  void letWantedGo() {
    takeFree(wanted).forEach(this::startAlone);
  }

  /** Takes those out of the group that have not ended and are not being worked on. */
  private synchronized List<LoadOrder<K, V>> takeFree(Set<SlotKey> keys) {
    List<LoadOrder<K, V>> free = new ArrayList<>();
    for (SlotKey key : keys) {
      LoadOrder<K, V> order = orders.get(key);
      if (order != null
          && !atWork.contains(key)
          && !order.flight().hasEnded()
          && orders.remove(key, order)) {
        free.add(order);
      }
    }
    return free;
  }

  private void startAlone(LoadOrder<K, V> order) {
    order.flight().leaveShared();
    alone.accept(order);
  }

  @Override
  public void over() {
    orders.values().forEach(order -> order.flight().over());
  }

  @Override
  public void fail(Throwable failure) {
    orders.forEach((slotKey, order) -> order.flight().fail(ofKey(slotKey, failure)));
  }

  /** Nothing is known of keys that the load is not busy with: they go on alone. */
  @Override
  public void giveUp(Throwable failure) {
    List<LoadOrder<K, V>> free = takeFree(orders.keySet());
    fail(failure);
    free.forEach(this::startAlone);
  }

  /** The failure of the load as that of one of its keys. */
  private static Throwable ofKey(SlotKey key, Throwable failure) {
    if (!(failure instanceof TidemarkException known)
        || known.key().isEmpty()
        || known.key().get().equals(key)) {
      return failure;
    }
    String message = known.withoutKey();
    if (failure instanceof LoadFailedException) {
      return new LoadFailedException(key, message, known.getCause());
    }
    if (failure instanceof DeadlineExceededException) {
      return new DeadlineExceededException(key, message, known.getCause());
    }
    if (failure instanceof RefusedException) {
      return new RefusedException(key, message, known.getCause());
    }
    return new UnavailableException(
        key, message, known instanceof UnavailableException ? known.getCause() : known);
  }

  @Override
  public boolean hasEnded() {
    return orders.values().stream().allMatch(order -> order.flight().hasEnded());
  }

  @Override
  public boolean hasOneKey() {
    return false;
  }
}
