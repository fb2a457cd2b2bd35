package io.tidemark.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.Origin;
import io.tidemark.Rollout;
import io.tidemark.VersionedCache;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.micrometer.TidemarkMetrics;
import io.tidemark.resilience4j.BreakerStore;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spring.Contexts;
import io.tidemark.spring.Contexts.Product;
import io.tidemark.spring.Contexts.Products;
import io.tidemark.spring.Tidemark;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ActuatorTest {
  private final ApplicationContextRunner context =
      Contexts.local()
          .withConfiguration(
              AutoConfigurations.of(
                  EndpointAutoConfiguration.class,
                  MetricsAutoConfiguration.class,
                  CompositeMeterRegistryAutoConfiguration.class,
                  SimpleMetricsExportAutoConfiguration.class,
                  TidemarkEndpointAutoConfiguration.class,
                  TidemarkHealthAutoConfiguration.class,
                  TidemarkMetricsAutoConfiguration.class))
          .withUserConfiguration(Products.class)
          .withPropertyValues("management.endpoints.web.exposure.include=tidemark");

  @Test
  void meters_ofACacheBuiltByABean_areInTheRegistry() {
    context.run(
        started -> {
          @SuppressWarnings("unchecked")
          VersionedCache<Long, Product> products = started.getBean(VersionedCache.class);
          products.get(1L);
          products.get(1L);
          MeterRegistry registry = started.getBean(MeterRegistry.class);
          assertThat(registry.getMeters())
              .filteredOn(meter -> meter.getId().getName().startsWith("tidemark."))
              .isNotEmpty()
              .allMatch(meter -> "products".equals(meter.getId().getTag("cache")));
          assertThat(registry.get("tidemark.lock.cache_hit").counter().count()).isEqualTo(1);
        });
  }

  @Test
  void start_withoutRegistry_hasNoMeters() {
    Contexts.local()
        .withConfiguration(AutoConfigurations.of(TidemarkMetricsAutoConfiguration.class))
        .run(started -> assertThat(started).doesNotHaveBean(TidemarkMetrics.class));
  }

  @Test
  void start_withoutMicrometerAndActuator_works() {
    Contexts.local()
        .withConfiguration(
            AutoConfigurations.of(
                TidemarkEndpointAutoConfiguration.class,
                TidemarkHealthAutoConfiguration.class,
                TidemarkMetricsAutoConfiguration.class))
        .withClassLoader(
            new FilteredClassLoader(
                "io.micrometer.core",
                "org.springframework.boot.actuate",
                "org.springframework.boot.health",
                "io.tidemark.resilience4j",
                "org.springframework.data"))
        .run(
            started ->
                assertThat(started)
                    .hasNotFailed()
                    .hasSingleBean(Tidemark.class)
                    .doesNotHaveBean("tidemarkMetrics")
                    .doesNotHaveBean("tidemarkEndpoint")
                    .doesNotHaveBean("tidemarkHealthIndicator"));
  }

  @Test
  void health_backendsThatAnswer_isUpWithTheirNames() {
    context.run(
        started -> {
          Health health = health(started.getBean(HealthIndicator.class));
          assertThat(health.getStatus()).isEqualTo(Status.UP);
          assertThat(health.getDetails().get("store")).asString().contains("InMemoryStore");
          assertThat(health.getDetails().get("locks")).asString().contains("LocalLocks");
          assertThat(health.getDetails()).doesNotContainKey("breaker");
        });
  }

  @Test
  void health_serversThatAreAway_isDownWithTheReasons() {
    context
        .withPropertyValues(
            "tidemark.store=redis",
            "tidemark.locks=zookeeper",
            "tidemark.redis.url=redis://127.0.0.1:1",
            "tidemark.zookeeper.connect-string=127.0.0.1:1")
        .run(
            started -> {
              Health health = health(started.getBean(HealthIndicator.class));
              assertThat(health.getStatus()).isEqualTo(Status.DOWN);
              assertThat(health.getDetails().get("store"))
                  .asString()
                  .contains("does not answer: Redis: ")
                  .doesNotContain("tidemark-health", "Exception");
              assertThat(health.getDetails().get("locks"))
                  .asString()
                  .contains("there is no connection to ZooKeeper")
                  .doesNotContain("tidemark-health", "Exception");
            });
  }

  /** The locks never answer. Each health is bounded in time, and all share one question. */
  @Test
  void health_locksThatHang_isDownAndAsksOnce() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    LockProvider hanging =
        new LockProvider() {
          @Override
          public LockAttempt tryAcquire(SlotKey key, Deadline deadline) {
            throw new AssertionError("a health check acquires no lock");
          }

          @Override
          public Optional<String> holder(SlotKey key, Deadline deadline)
              throws InterruptedException {
            asked.incrementAndGet();
            never.await();
            return Optional.empty();
          }
        };
    context
        .withBean(LockProvider.class, () -> hanging)
        .withPropertyValues("tidemark.health-timeout=20ms")
        .run(
            started -> {
              for (int i = 0; i < 3; i++) {
                Health health = health(started.getBean(HealthIndicator.class));
                assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                assertThat(health.getDetails().get("locks"))
                    .asString()
                    .contains("no answer within PT0.02S");
              }
              assertThat(asked).hasValue(1);
            });
  }

  @Test
  void health_storeBehindABreaker_showsItsState() {
    context
        .withBean(BreakerStore.class, () -> BreakerStore.builder(InMemoryStore.create()).build())
        .run(
            started -> {
              assertThat(health(started.getBean(HealthIndicator.class)).getDetails())
                  .containsEntry("breaker", "CLOSED");
              started.getBean(BreakerStore.class).circuitBreaker().transitionToForcedOpenState();
              Health health = health(started.getBean(HealthIndicator.class));
              assertThat(health.getDetails()).containsEntry("breaker", "FORCED_OPEN");
              assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            });
  }

  @Test
  void health_switchedOff_isNotThere() {
    context
        .withPropertyValues("management.health.tidemark.enabled=false")
        .run(started -> assertThat(started).doesNotHaveBean("tidemarkHealthIndicator"));
  }

  @Test
  void endpoint_caches_hasTheirCounters() {
    context.run(
        started -> {
          @SuppressWarnings("unchecked")
          VersionedCache<Long, Product> products = started.getBean(VersionedCache.class);
          products.get(1L);
          TidemarkEndpoint endpoint = started.getBean(TidemarkEndpoint.class);

          assertThat(endpoint.caches().caches()).containsOnlyKeys("products");
          assertThat(endpoint.caches().store()).contains("InMemoryStore");
          assertThat(Objects.requireNonNull(endpoint.cache("products")).stats().misses())
              .isEqualTo(1);
          assertThat(endpoint.cache("prices")).isNull();
        });
  }

  @Test
  void endpoint_switchTo_changesTheCacheInThisProcess() {
    context.run(
        started -> {
          @SuppressWarnings("unchecked")
          VersionedCache<Long, Product> products = started.getBean(VersionedCache.class);
          TidemarkEndpoint endpoint = started.getBean(TidemarkEndpoint.class);
          assertThat(Objects.requireNonNull(endpoint.cache("products")).rollout()).isEqualTo("on");

          assertThat(endpoint.switchTo("products", "bypass").rollout()).isEqualTo("bypass");

          assertThat(products.read(1L).origin()).isEqualTo(Origin.SOURCE_BYPASS);
          assertThat(endpoint.switchTo("products", "25%").stats().bypassed()).isEqualTo(1);
          assertThat(products.rollout()).isEqualTo(Rollout.ofKeys(25));
        });
  }

  @Test
  void endpoint_switchToNothingThatExists_isABadRequest() {
    context.run(
        started -> {
          TidemarkEndpoint endpoint = started.getBean(TidemarkEndpoint.class);

          assertThatThrownBy(() -> endpoint.switchTo("products", "off"))
              .isInstanceOf(InvalidEndpointRequestException.class)
              .hasMessage(
                  "The cache cannot be switched: rollout is 'off'; it must be on, bypass, or a"
                      + " whole percentage of the keys from 0% to 100%");
          assertThatThrownBy(() -> endpoint.switchTo("prices", "on"))
              .isInstanceOf(InvalidEndpointRequestException.class)
              .hasMessage("The cache cannot be switched: there is no cache 'prices'");
        });
  }

  @Test
  void endpoint_explain_convertsTheKeyAndShowsNoValue() {
    context.run(
        started -> {
          @SuppressWarnings("unchecked")
          VersionedCache<Long, Product> products = started.getBean(VersionedCache.class);
          products.get(7L);
          TidemarkEndpoint endpoint = started.getBean(TidemarkEndpoint.class);

          TidemarkEndpoint.Explained explained =
              Objects.requireNonNull(endpoint.explain("products", "7"));
          assertThat(explained.verdict()).contains("up to date");
          assertThat(explained.lines())
              .anyMatch(line -> line.contains("products:7"))
              .noneMatch(line -> line.contains("Laptop"));
          assertThat(endpoint.explain("prices", "7")).isNull();
          assertThatThrownBy(() -> endpoint.explain("products", "seven"))
              .isInstanceOf(InvalidEndpointRequestException.class)
              .hasMessageContaining("'seven' cannot be converted to a Long");
        });
  }

  @Test
  void endpoint_exposedOverJmxOnly_hasNoAnswersForHttp() {
    context
        .withPropertyValues(
            "management.endpoints.web.exposure.include=health",
            "management.endpoints.jmx.exposure.include=tidemark",
            "spring.jmx.enabled=true")
        .run(
            started ->
                assertThat(started)
                    .hasSingleBean(TidemarkEndpoint.class)
                    .doesNotHaveBean(TidemarkWebEndpoint.class));
  }

  @Test
  void endpoint_notExposed_isNotThere() {
    context
        .withPropertyValues("management.endpoints.web.exposure.include=health")
        .run(started -> assertThat(started).doesNotHaveBean(TidemarkEndpoint.class));
    assertThat(TidemarkEndpoint.class.getAnnotation(Endpoint.class).id()).isEqualTo("tidemark");
  }

  private static Health health(HealthIndicator indicator) {
    return Objects.requireNonNull(indicator.health());
  }
}
