package io.tidemark.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.Rollout;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TidemarkMetricsTest {
  private static final Duration TOOK = Duration.ofMillis(250);

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final TidemarkMetrics metrics = TidemarkMetrics.create();

  @ParameterizedTest
  @EnumSource(Kind.class)
  void on_anyKind_movesAMeter(Kind kind) {
    metrics.bindTo(registry);
    metrics.onBuilt("products");
    Map<String, Double> before = Samples.of(registry);

    metrics.on(event("products", kind));

    assertThat(Samples.of(registry)).hasSameSizeAs(before).isNotEqualTo(before);
  }

  @Test
  void on_allKinds_moveEveryMeterOnce() {
    metrics.bindTo(registry);
    metrics.onBuilt("products");

    for (Kind kind : Kind.values()) {
      metrics.on(event("products", kind));
    }

    assertThat(Samples.of(registry))
        .hasSize(54)
        .allSatisfy(
            (name, value) -> {
              if (name.endsWith(" seconds")) {
                assertThat(value).isEqualTo(0.25);
              } else if (!Pattern.matches(".*[.](active|hung|bypassed)[.].*", name)) {
                assertThat(value).isEqualTo(1.0);
              }
            });
  }

  @Test
  void on_aWaitAndALoad_areUnderWayUntilTheyEnd() {
    metrics.bindTo(registry);

    metrics.on(event("products", Kind.LOCK_WAIT));
    metrics.on(event("products", Kind.LOAD));
    metrics.on(event("products", Kind.LOAD));

    assertThat(underWay("tidemark.lock.active.waits")).isEqualTo(1);
    assertThat(underWay("tidemark.active.loads")).isEqualTo(2);

    metrics.on(event("products", Kind.LOCK_WAITED));
    metrics.on(event("products", Kind.LOADED));
    metrics.on(event("products", Kind.LOAD_FAILED));

    assertThat(underWay("tidemark.lock.active.waits")).isZero();
    assertThat(underWay("tidemark.active.loads")).isZero();
  }

  @Test
  void on_aLoadThatIsGivenUp_isHungUntilItEnds() {
    metrics.bindTo(registry);

    metrics.on(event("products", Kind.LOAD_GIVEN_UP));
    assertThat(underWay("tidemark.hung.loads")).isEqualTo(1);

    metrics.on(event("products", Kind.GIVEN_UP_LOAD_ENDED));
    assertThat(underWay("tidemark.hung.loads")).isZero();
  }

  @Test
  void onRollout_anyChange_isThePercentageThatIsBypassed() {
    metrics.onRollout("products", Rollout.ofKeys(25));
    metrics.bindTo(registry);
    assertThat(underWay("tidemark.bypassed.keys")).isEqualTo(75);

    metrics.onRollout("products", Rollout.on());
    assertThat(underWay("tidemark.bypassed.keys")).isZero();
  }

  @Test
  void meters_ofACacheThatWasBuilt_areThereAtZeroWithHelpAndUnit() {
    metrics.bindTo(registry);
    metrics.onBuilt("products");

    assertThat(registry.getMeters()).hasSize(41);
    assertThat(Samples.of(registry).values()).containsOnly(0.0);
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .allSatisfy(
            id -> {
              assertThat(id.getName()).startsWith("tidemark.");
              assertThat(id.getDescription()).isNotBlank();
              assertThat(id.getBaseUnit()).isNotBlank();
              assertThat(id.getTag("cache")).isEqualTo("products");
            });
  }

  @Test
  void meters_ofOneName_haveTheSameTagsAndHelp() {
    metrics.bindTo(registry);
    metrics.onBuilt("products");

    // Prometheus refuses a name with other tags, and shows one help for all of a name.
    TreeSet<String> names = new TreeSet<>();
    TreeSet<String> kinds = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      Meter.Id id = meter.getId();
      names.add(id.getName());
      kinds.add(
          id.getName() + id.getTags().stream().map(t -> t.getKey()).toList() + id.getDescription());
    }
    assertThat(kinds).hasSameSizeAs(names);
  }

  @Test
  void bindTo_afterTheCacheWasBuilt_registersItsMeters() {
    metrics.onBuilt("products");

    metrics.bindTo(registry);
    metrics.on(event("products", Kind.MISS));

    assertThat(count(registry, "products", "tidemark.lock.cache_miss")).isEqualTo(1);
  }

  @Test
  void bindTo_whileALoadIsUnderWay_doesNotCountBelowZero() {
    metrics.onBuilt("products");
    metrics.on(event("products", Kind.LOAD));
    metrics.on(event("products", Kind.LOCK_WAIT));

    metrics.bindTo(registry);
    metrics.on(event("products", Kind.LOADED));

    assertThat(underWay("tidemark.active.loads")).isZero();
    assertThat(underWay("tidemark.lock.active.waits")).isEqualTo(1);
  }

  @Test
  void bindTo_theSameRegistryAgain_countsOnce() {
    metrics.onBuilt("products");
    metrics.bindTo(registry);
    metrics.bindTo(registry);

    metrics.on(event("products", Kind.MISS));

    assertThat(count(registry, "products", "tidemark.lock.cache_miss")).isEqualTo(1);
  }

  @Test
  void bindTo_twoRegistries_countsInBoth() {
    MeterRegistry second = new SimpleMeterRegistry();
    metrics.bindTo(registry);
    metrics.bindTo(second);

    metrics.onBuilt("products");
    metrics.on(event("products", Kind.MISS));

    assertThat(count(registry, "products", "tidemark.lock.cache_miss")).isEqualTo(1);
    assertThat(count(second, "products", "tidemark.lock.cache_miss")).isEqualTo(1);
  }

  @Test
  void on_twoCaches_haveMetersOfTheirOwn() {
    metrics.bindTo(registry);
    metrics.onBuilt("products");
    metrics.onBuilt("prices");

    metrics.on(event("prices", Kind.MISS));

    assertThat(count(registry, "prices", "tidemark.lock.cache_miss")).isEqualTo(1);
    assertThat(count(registry, "products", "tidemark.lock.cache_miss")).isZero();
  }

  @Test
  void onBuilt_aSecondCacheOfTheName_sharesTheMeters() {
    metrics.bindTo(registry);
    metrics.onBuilt("products");
    metrics.on(event("products", Kind.MISS));
    metrics.onBuilt("products");

    metrics.on(event("products", Kind.MISS));

    assertThat(count(registry, "products", "tidemark.lock.cache_miss")).isEqualTo(2);
  }

  @Test
  void on_aCacheThatNobodyToldOf_isCounted() {
    metrics.bindTo(registry);

    metrics.on(event("products", Kind.MISS));

    assertThat(count(registry, "products", "tidemark.lock.cache_miss")).isEqualTo(1);
  }

  private static CacheEvent event(String cache, Kind kind) {
    return new CacheEvent(kind, new SlotKey(cache, "1"), TOOK, null);
  }

  private static double count(MeterRegistry registry, String cache, String name) {
    return registry.get(name).tag("cache", cache).counter().count();
  }

  private double underWay(String name) {
    return registry.get(name).tag("cache", "products").gauge().value();
  }
}
