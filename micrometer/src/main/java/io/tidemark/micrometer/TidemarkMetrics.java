package io.tidemark.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tidemark.CacheEvent;
import io.tidemark.CacheListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The meters of caches. Register it with {@link io.tidemark.CacheBuilder#listener} and bind it to a
 * registry, in either order; one instance serves any number of caches and registries. Thread-safe.
 *
 * <p>The meters of a cache are there, at zero, once both have happened. Each has a tag {@code
 * cache} with the cache's name; caches of one name share their meters. What a cache does before the
 * binding is not counted. The meters stay after the cache is closed: their counts remain true.
 *
 * <p>All names begin with {@code tidemark.}; each meter says in its description what it counts. To
 * have percentiles of the timers, set them up in the registry with a {@link
 * io.micrometer.core.instrument.config.MeterFilter}.
 */
public final class TidemarkMetrics implements CacheListener, MeterBinder {
  private final ConcurrentMap<String, CacheMeters> caches = new ConcurrentHashMap<>();
  private final List<MeterRegistry> registries = new ArrayList<>();

  private TidemarkMetrics() {}

  /** Makes one without caches and registries. */
  public static TidemarkMetrics create() {
    return new TidemarkMetrics();
  }

  /** Registers the meters of all caches, those to come included. Again without effect. */
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
