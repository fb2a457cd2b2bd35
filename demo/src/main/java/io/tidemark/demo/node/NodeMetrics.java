package io.tidemark.demo.node;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.core.registry.InMemoryRegistryStore;
import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.CacheListener;
import io.tidemark.micrometer.TidemarkMetrics;
import java.util.List;

/** The meters of a node, for Prometheus: its cache, its circuit breaker, its JVM. Thread-safe. */
final class NodeMetrics implements AutoCloseable {
  /** Prometheus' text format, which all its releases read. */
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final TidemarkMetrics cache = TidemarkMetrics.create();
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  NodeMetrics(CircuitBreaker breaker) {
    List<MeterBinder> binders =
        List.of(
            cache,
            TaggedCircuitBreakerMetrics.ofCircuitBreakerRegistry(registryOf(breaker)),
            garbageCollection,
            new ClassLoaderMetrics(),
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new FileDescriptorMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics());
    binders.forEach(binder -> binder.bindTo(registry));
  }

  /** To be registered with the cache. */
  CacheListener listener() {
    return cache;
  }

  /** What all meters say now. */
  String scrape() {
    return registry.scrape(CONTENT_TYPE);
  }

  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }

  /** Resilience4j's binder takes breakers from a registry only. */
  private static CircuitBreakerRegistry registryOf(CircuitBreaker breaker) {
    InMemoryRegistryStore<CircuitBreaker> store = new InMemoryRegistryStore<>();
    store.putIfAbsent(breaker.getName(), breaker);
    return CircuitBreakerRegistry.custom().withRegistryStore(store).build();
  }
}
