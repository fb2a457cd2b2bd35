package io.tidemark.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tidemark.CacheEvent;
import io.tidemark.CacheListener;
import io.tidemark.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The meters of caches. Register it with {@link io.tidemark.CacheBuilder#listener} and bind it to a
 * registry, in either order; one instance serves any number of caches and registries. Thread-safe.
 *
 * <p>After both steps, the meters of a cache exist and are at zero. Each has a tag {@code cache}
 * with the cache's name; caches of one name share their meters. Events before the binding are not
 * counted. The meters stay in the registry after the cache is closed.
 *
 * <p>All names begin with {@code tidemark.}; the description of each meter says what it counts. To
 * get percentiles of the timers, configure them in the registry with a {@link
 * io.micrometer.core.instrument.config.MeterFilter}.
 */
public final class TidemarkMetrics implements CacheListener, MeterBinder {
  private final ConcurrentMap<String, CacheMeters> caches = new ConcurrentHashMap<>();
  private final List<MeterRegistry> registries = new ArrayList<>();

  private TidemarkMetrics() {}

  /** Starts without caches and registries. */
  public static TidemarkMetrics create() {
    return new TidemarkMetrics();
  }

  /** Registers the meters of all caches, also of those built later. Idempotent per registry. */
  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    if (registries.stream().noneMatch(known -> known == registry)) {
      registries.add(registry);
      caches.values().forEach(meters -> meters.bindTo(registry));
    }
  }

  @Override
  public void onBuilt(String cache) {
    meters(cache);
  }

  @Override
  public void onRollout(String cache, Rollout rollout) {
    meters(cache).rollOut(rollout);
  }

  @Override
  public void on(CacheEvent event) {
    String cache = event.key().cache();
    CacheMeters meters = caches.get(cache);
    (meters == null ? meters(cache) : meters).move(event.kind(), event.took());
  }

  private synchronized CacheMeters meters(String cache) {
    return caches.computeIfAbsent(
        cache,
        name -> {
          CacheMeters meters = new CacheMeters(name);
          registries.forEach(meters::bindTo);
          return meters;
        });
  }
}
