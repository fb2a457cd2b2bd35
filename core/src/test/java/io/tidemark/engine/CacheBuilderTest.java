package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.tidemark.CacheBuilder;
import io.tidemark.FallbackPolicy;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheBuilderTest {
  private final CacheBuilder<String, String> builder = VersionedCache.builder("products");

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a b", "a/b", "a:b", "ü"})
  void builder_badName_isRefusedWithTheRule(String name) {
    assertThatThrownBy(() -> VersionedCache.builder(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + name + "'")
        .hasMessageContaining("1 to 64 of A-Z a-z 0-9 . _ -");
  }

  static Stream<Arguments> badOptions() {
    return Stream.of(
        bad("ttl is PT0S; it must be 1 ms to 3650 days", b -> b.ttl(Duration.ZERO)),
        bad("ttl is PT-1S", b -> b.ttl(Duration.ofSeconds(-1))),
        bad("ttl is PT87624H", b -> b.ttl(Duration.ofDays(3651))),
        bad(
            "negativeTtl is PT-1S; it must be zero, or 1 ms to 3650 days",
            b -> b.negativeTtl(Duration.ofSeconds(-1))),
        bad("ttlJitter is 1.0; it must be 0 to 0.9", b -> b.ttlJitter(1)),
        bad("ttlJitter is NaN", b -> b.ttlJitter(Double.NaN)),
        bad("grace is PT-1S; it must be zero to", b -> b.grace(Duration.ofSeconds(-1))),
        bad("deadline is PT0S", b -> b.deadline(Duration.ZERO)),
        bad("waitLimit is PT0S", b -> b.waitLimit(Duration.ZERO)),
        bad("claimLife is PT0.029S; it must be 30 ms", b -> b.claimLife(Duration.ofMillis(29))),
        bad("maxLoadTime is PT0S", b -> b.maxLoadTime(Duration.ZERO)),
        bad("repairTime is PT0S", b -> b.repairTime(Duration.ZERO)),
        bad("replicaLag is PT-1S", b -> b.replicaLag(Duration.ofSeconds(-1))),
        bad("maxLoads is 0; it must be 1 or more", b -> b.maxLoads(0)),
        bad("maxAsyncWrites is 0; it must be 1 or more", b -> b.maxAsyncWrites(0)),
        bad("maxFallbackLoads is 0", b -> b.maxFallbackLoads(0)),
        bad("maxValueBytes is -1", b -> b.maxValueBytes(-1)));
  }

  @ParameterizedTest
  @MethodSource("badOptions")
  void option_outOfRange_isRefusedWhereItIsSet(
      String message, Consumer<CacheBuilder<String, String>> option) {
    assertThatThrownBy(() -> option.accept(builder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  static Stream<Arguments> badCombinations() {
    return Stream.of(
        bad(
            "waitLimit is PT16S; it must be at most the deadline, PT15S",
            b -> b.waitLimit(Duration.ofSeconds(16))),
        bad(
            "maxLoadTime is PT1S; it must be at least the claimLife, PT10S",
            b -> b.maxLoadTime(Duration.ofSeconds(1))),
        bad("replicaLag is PT1S and replica is not set", b -> b.replicaLag(Duration.ofSeconds(1))),
        bad("replicaLag is PT0S and replica is set", b -> b.replica(new Table())),
        bad("onFallback is STALE and grace is PT0S", b -> b.onFallback(FallbackPolicy.STALE)),
        bad("maxLoads is 5 and executor is set", b -> b.maxLoads(5).executor(Runnable::run)),
        bad(
            "maxAsyncWrites is 5 and executor is set",
            b -> b.maxAsyncWrites(5).executor(Runnable::run)));
  }

  @ParameterizedTest
  @MethodSource("badCombinations")
  void build_optionsThatContradict_areRefused(
      String message, Consumer<CacheBuilder<String, String>> options) {
    complete();
    options.accept(builder);
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void build_missingOption_namesIt() {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("source is not set; it is required");
  }

  @Test
  void option_setTwice_isRefused() {
    builder.ttl(Duration.ofSeconds(1));
    assertThatThrownBy(() -> builder.ttl(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("ttl is set already; an option may be set once");
  }

  @Test
  void build_onlyRequiredOptions_works() {
    try (VersionedCache<String, String> cache = complete().build()) {
      assertThat(cache.name()).isEqualTo("products");
    }
  }

  @Test
  void build_withReceivers_passesTheCacheToEach() {
    List<VersionedCache<String, String>> received = new ArrayList<>();
    complete().onBuilt(received::add).onBuilt(received::add);
    assertThat(received).isEmpty();

    try (VersionedCache<String, String> cache = builder.build()) {
      assertThat(received).containsExactly(cache, cache);
    }
  }

  private CacheBuilder<String, String> complete() {
    return builder
        .source(new Table())
        .store(InMemoryStore.create())
        .locks(LocalLocks.create())
        .codec(new StringCodec());
  }

  private static Arguments bad(String message, Consumer<CacheBuilder<String, String>> option) {
    return Arguments.of(message, option);
  }

  @Test
  void build_complete_saysInOneLineWhatTheCacheIs() {
    try (LogCapture log = new LogCapture(Level.INFO);
        VersionedCache<String, String> cache =
            builder
                .source(key -> Row.absent())
                .store(InMemoryStore.create().as("node-7"))
                .locks(LocalLocks.create())
                .codec(new StringCodec())
                .grace(Duration.ofHours(1))
                .build()) {
      assertThat(log.lines())
          .filteredOn(line -> line.contains("cache " + cache.name()))
          .containsExactly(
              "INFO cache products: store InMemoryStore (writer node-7), locks LocalLocks, ttl PT5M,"
                  + " negativeTtl PT30S, grace PT1H, claimLife PT10S, deadline PT15S, rollout on");
    }
  }
}
