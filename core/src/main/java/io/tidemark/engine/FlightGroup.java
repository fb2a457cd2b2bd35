package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.LoadFailedException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;

/** Flights that share the run of one load. Thread-safe. */
final class FlightGroup<K, V> implements LoadRun.Owner {
  private final ConcurrentMap<SlotKey, LoadOrder<K, V>> orders = new ConcurrentHashMap<>();
  private final LoadRun run = new LoadRun(this);

  /** The keys that the load is busy with, of which one or all can keep it from coming back. */
  private volatile Set<SlotKey> atWork = Set.of();

  /** Has flights that no load was started for share a run. */
  FlightGroup(List<LoadOrder<K, V>> orders) {
    for (LoadOrder<K, V> order : orders) {
      this.orders.put(order.key().slot(), order);
      order.flight().join(run);
    }
  }

  LoadRun run() {
    return run;
  }

  /** Begins an attempt with some of the keys, which has a bound of its own. */
  void beginAttempt(List<CacheKey<K>> keys) {
    workOn(keys);
    run.beginAttempt(null);
  }

  /** Goes on with some of the keys of the attempt. */
  void workOn(List<CacheKey<K>> keys) {
    atWork = keys.stream().map(CacheKey::slot).collect(Collectors.toSet());
  }

  /** Lets a flight go on by itself, whatever becomes of the others. */
  void release(LoadOrder<K, V> order) {
    orders.remove(order.key().slot());
    order.flight().leaveShared();
  }

  @Override
  public void over() {
    orders.values().forEach(order -> order.flight().over());
  }

  @Override
  public void fail(Throwable failure) {
    orders.forEach((slotKey, order) -> order.flight().fail(ofKey(slotKey, failure)));
  }

  /** Nothing is known of keys whose turn has not come; their callers may have another way. */
  @Override
  public void giveUp(Throwable failure) {
    Set<SlotKey> busy = atWork;
    orders.forEach(
        (slotKey, order) ->
            order
                .flight()
                .fail(
                    busy.contains(slotKey)
                        ? ofKey(slotKey, failure)
                        : new UnavailableException(
                            slotKey,
                            "its load was given up with those of others, before its turn had come",
                            failure)));
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
