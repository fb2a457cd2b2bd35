package io.tidemark.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidemark.CacheBuilder;
import io.tidemark.CacheClosedException;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.spring.Contexts.Product;
import io.tidemark.spring.Contexts.Products;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.data.redis.autoconfigure.DataRedisProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;

class CachePropertiesTest {
  /** Options that text cannot say: objects of the application, and what the starter gives. */
  private static final Set<String> OBJECTS =
      Set.of(
          "source",
          "replica",
          "store",
          "locks",
          "codec",
          "keyEncoder",
          "transactions",
          "listener",
          "onBuilt",
          "executor",
          "scheduler",
          "ticker",
          "random");

  private final ApplicationContextRunner context =
      Contexts.local().withUserConfiguration(Products.class);

  @Test
  void properties_ofACache_haveEveryOptionOfTheBuilderThatIsText() {
    Set<String> options =
        Arrays.stream(CacheBuilder.class.getDeclaredMethods())
            .filter(method -> method.getReturnType() == CacheBuilder.class)
            .map(Method::getName)
            .filter(name -> !OBJECTS.contains(name))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(
            Arrays.stream(io.tidemark.spring.properties.CacheProperties.class.getRecordComponents())
                .map(component -> component.getName()))
        .containsExactlyInAnyOrderElementsOf(options);
  }

  @Test
  void option_ofTheCache_winsOverTheDefaultAndLeavesTheOthers() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("io.tidemark");
    logger.setLevel(ch.qos.logback.classic.Level.INFO);
    logger.addAppender(log);
    log.start();
    try {
      context
          .withPropertyValues(
              "tidemark.defaults.ttl=1h",
              "tidemark.defaults.negative-ttl=7s",
              "tidemark.caches.products.ttl=3m")
          .run(started -> assertThat(started).hasNotFailed());
    } finally {
      logger.detachAppender(log);
      logger.setLevel(null);
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anySatisfy(line -> assertThat(line).contains("ttl PT3M, negativeTtl PT7S"));
  }

  @Test
  void options_all_areAcceptedInTextForm() {
    context
        .withPropertyValues(
            "tidemark.caches.products.ttl=5m",
            "tidemark.caches.products.negative-ttl=0",
            "tidemark.caches.products.ttl-jitter=0.2",
            "tidemark.caches.products.grace=1h",
            "tidemark.caches.products.refresh-ahead=x-fetch:2",
            "tidemark.caches.products.rollout=25%",
            "tidemark.caches.products.profile=slow",
            "tidemark.caches.products.deadline=20s",
            "tidemark.caches.products.wait-limit=10s",
            "tidemark.caches.products.soft-timeout=1s",
            "tidemark.caches.products.claim-life=20s",
            "tidemark.caches.products.max-load-time=2m",
            "tidemark.caches.products.wait-strategy=200ms",
            "tidemark.caches.products.lock-outage-wait=1s",
            "tidemark.caches.products.on-fallback=stale",
            "tidemark.caches.products.on-load-failure=stale",
            "tidemark.caches.products.failure-ttl=2s",
            "tidemark.caches.products.on-uncacheable=fail",
            "tidemark.caches.products.repair-time=1m",
            "tidemark.caches.products.max-loads=10",
            "tidemark.caches.products.max-async-writes=11",
            "tidemark.caches.products.max-fallback-loads=12",
            "tidemark.caches.products.max-fallback-queue=13",
            "tidemark.caches.products.max-hung-loads=14",
            "tidemark.caches.products.max-value-bytes=1MB")
        .run(started -> assertThat(started).hasNotFailed());
  }

  @ParameterizedTest
  @CsvSource({"on, on", "bypass, bypass", "BYPASS, bypass", "25%, 25%"})
  void rollout_ofTheCache_isWhereItBegins(String value, String rollout) {
    context
        .withPropertyValues(
            "tidemark.defaults.rollout=50%", "tidemark.caches.products.rollout=" + value)
        .run(
            started ->
                assertThat(started.getBean(VersionedCache.class).rollout()).hasToString(rollout));
  }

  /** YAML takes an on for a true, and Spring Boot passes that on. */
  @Test
  void rollout_onInYaml_isOn() throws IOException {
    Resource yaml = new ByteArrayResource("tidemark.defaults.rollout: on".getBytes(UTF_8));
    List<PropertySource<?>> properties = new YamlPropertySourceLoader().load("yaml", yaml);
    context
        .withInitializer(
            started -> properties.forEach(started.getEnvironment().getPropertySources()::addFirst))
        .run(
            started ->
                assertThat(started.getBean(VersionedCache.class).rollout())
                    .isEqualTo(Rollout.on()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          caches.products.ttl            | 0s      | ttl is PT0S; it must be 1 ms to 3650 days
          defaults.ttl-jitter            | 2       | ttlJitter is 2.0; it must be 0 to 0.9
          caches.products.refresh-ahead  | soon    | it must be x-fetch
          caches.products.refresh-ahead  | 1.5     | fraction is 1.5; it must be 0.1 to 0.99
          caches.products.wait-strategy  | patient | it must be event-driven
          caches.products.max-value-bytes| 3GB     | it must be at most 2147483647 bytes
          caches.products.rollout        | 101%    | it must be on, bypass, or a whole percentage
          defaults.rollout               | off     | it must be on, bypass, or a whole percentage
          caches.products.ttl            | soon    | not a valid duration
          caches.products.ttl            | 10      | give one, such as 10s or 5m
          defaults.grace                 | 007     | give one, such as 10s or 5m
          health-timeout                 | 500     | give one, such as 10s or 5m
          redis.pool.max-wait            | 500     | give one, such as 10s or 5m
          zookeeper.session-timeout      | 6       | give one, such as 10s or 5m
          caches.products.wait-strategy  | 200     | give one, such as 10s or 5m
          caches.products.ttl            | ${test.ttl:10} | the duration 10 has no unit
          caches.products.on-fallback    | PANIC   | STALE
          writer                         | a b     | printable
          locks                          | etcd    | LOCAL
          """)
  void start_wrongValue_saysPropertyValueAndRule(String property, String value, String rule) {
    context
        .withPropertyValues("tidemark." + property + "=" + value)
        .run(
            failed -> {
              FailureAnalysis analysis = Contexts.analysis(failed.getStartupFailure());
              assertThat(analysis.getDescription() + analysis.getAction())
                  .contains("tidemark." + property)
                  .contains(value.equals("3GB") ? "B" : value.replaceAll("s$", ""))
                  .contains(rule);
            });
  }

  /** They may be what Spring Boot takes them for. */
  @Test
  void start_durationOfOthersWithoutUnit_isLeftAlone() {
    Contexts.withSpringData()
        .withPropertyValues(
            "spring.data.redis.timeout=10", "tidemark.store=memory", "tidemark.locks=local")
        .run(
            started ->
                assertThat(started.getBean(DataRedisProperties.class).getTimeout())
                    .isEqualTo(Duration.ofMillis(10)));
  }

  @ParameterizedTest
  @CsvSource({
    "tidemark.caches.products.tll, 5m",
    "tidemark.default.ttl, 5m",
    "tidemark.redis.hosts, here",
    "tidemark.lock, redis"
  })
  void start_unknownProperty_namesIt(String property, String value) {
    context
        .withPropertyValues(property + "=" + value)
        .run(
            failed ->
                assertThat(Contexts.analysis(failed.getStartupFailure()).getDescription())
                    .contains("no such properties of Tidemark")
                    .contains(property + " = " + value));
  }

  @Test
  void start_propertiesOfACacheThatNobodyBuilds_saysWhichAreBuilt() {
    context
        .withPropertyValues("tidemark.caches.prodcuts.ttl=5m")
        .run(
            failed ->
                assertThat(Contexts.analysis(failed.getStartupFailure()).getDescription())
                    .contains("[prodcuts]")
                    .contains("it builds [products]"));
  }

  @Test
  void start_propertiesOfALazyCache_waitsForIt() {
    Contexts.local()
        .withUserConfiguration(LazyProducts.class)
        .withPropertyValues("tidemark.caches.products.ttl=5m")
        .run(started -> assertThat(started).hasNotFailed());
  }

  @Test
  void start_optionInPropertiesAndInCode_saysWhereToSetIt() {
    context
        .withBean(CacheBuilderCustomizer.class, () -> (name, builder) -> builder.maxLoads(5))
        .withPropertyValues("tidemark.defaults.max-loads=6")
        .run(
            failed -> {
              FailureAnalysis analysis = Contexts.analysis(failed.getStartupFailure());
              assertThat(analysis.getDescription()).contains("maxLoads is set already");
              assertThat(analysis.getAction()).contains("tidemark.caches.<name>.*");
            });
  }

  @Test
  void start_optionsThatContradict_saysBoth() {
    context
        .withPropertyValues("tidemark.caches.products.on-fallback=stale")
        .run(
            failed ->
                assertThat(Contexts.analysis(failed.getStartupFailure()).getDescription())
                    .contains("onFallback is STALE and grace is PT0S"));
  }

  @Test
  void customizer_ofTheApplication_changesEveryBuilder() {
    Set<String> built = new TreeSet<>();
    context
        .withBean(
            CacheBuilderCustomizer.class,
            () -> (name, builder) -> builder.onBuilt(cache -> built.add(name)))
        .run(started -> assertThat(built).containsExactly("products"));
  }

  @Test
  void cache_ofANameThatIsBuilt_isTheOneThatIsFoundAndBothAreClosed() {
    context.run(
        started -> {
          Tidemark tidemark = started.getBean(Tidemark.class);
          VersionedCache<Long, Product> second =
              tidemark
                  .cache("products", Long.class, Product.class)
                  .source(key -> Row.absent())
                  .build();
          assertThat(tidemark.caches()).hasSize(2);
          assertThat(tidemark.find("products").orElseThrow().cache()).isSameAs(second);
          tidemark.close();
          for (VersionedCache<?, ?> cache : tidemark.caches()) {
            @SuppressWarnings("unchecked")
            VersionedCache<Long, ?> closed = (VersionedCache<Long, ?>) cache;
            assertThatThrownBy(() -> closed.get(1L)).isInstanceOf(CacheClosedException.class);
          }
        });
  }

  @Configuration(proxyBeanMethods = false)
  static class LazyProducts {
    @Bean
    @Lazy
    VersionedCache<Long, Product> products(Tidemark tidemark) {
      return new Products().products(tidemark);
    }
  }
}
