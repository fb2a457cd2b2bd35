package io.tidemark.engine;

import io.tidemark.DeadlineExceededException;
import io.tidemark.LoadFailedException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Flights that share the run of one load. Thread-safe. */
final class FlightGroup<K, V> implements LoadRun.Owner {
  private final ConcurrentMap<SlotKey, LoadOrder<K, V>> orders = new ConcurrentHashMap<>();
  private final LoadRun run = new LoadRun(this);

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
    return failure.getClass() == UnavailableException.class
        ? new UnavailableException(key, message, known.getCause())
        : failure;
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
