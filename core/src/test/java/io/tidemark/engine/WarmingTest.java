package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Fleet.slotKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.BulkSource;
import io.tidemark.CacheClosedException;
import io.tidemark.CallInterruptedException;
import io.tidemark.FallbackPolicy;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WarmReport;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WarmingTest {
  private static final WarmOptions FAST = WarmOptions.defaults().loadsPerSecond(1_000_000);

  private final Fleet fleet = new Fleet();

  /** What a source of many rows was asked for at once, call by call. */
  private final List<List<String>> asked = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void warm_manyProcessesAtOnce_loadEachKeyOnce() throws Exception {
    List<String> keys = keys(10_000);
    List<Future<WarmReport>> reports = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      VersionedCache<String, String> cache = fleet.cache();
      reports.add(fleet.call(() -> cache.warm(keys, FAST)));
    }

    int loaded = 0;
    for (Future<WarmReport> report : reports) {
      assertThat(report.get().done()).isEqualTo(10_000);
      assertThat(report.get().failed()).isZero();
      loaded += report.get().loaded();
    }
    assertThat(loaded).isEqualTo(10_000);
    assertThat(fleet.table.loads()).isEqualTo(10_000);
  }

  @Test
  void warm_someKeysAreCached_loadsTheOthers() {
    VersionedCache<String, String> cache = fleet.cache();
    cache.get("key1");
    cache.get("key2");

    assertThat(cache.warm(keys(10), FAST)).isEqualTo(new WarmReport(10, 2, 8, 0));
  }

  @Test
  void warm_keyGivenTwice_loadsItOnce() {
    assertThat(fleet.cache().warm(List.of("a", "b", "a"), FAST))
        .isEqualTo(new WarmReport(2, 0, 2, 0));
    assertThat(fleet.table.loads()).isEqualTo(2);
  }

  @Test
  void warm_noKeys_isDoneAtOnce() {
    assertThat(fleet.cache().warm(List.of(), FAST)).isEqualTo(new WarmReport(0, 0, 0, 0));
  }

  @Test
  void warm_someKeysFail_countsThemAndGoesOn() {
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              if (key.endsWith("7")) {
                throw new IllegalStateException("database on fire");
              }
              return Row.present(key, 1);
            });

    assertThat(cache.warm(keys(100), FAST)).isEqualTo(new WarmReport(100, 0, 90, 10));
  }

  @Test
  void warm_servedPastTheCache_isNotWarmed() {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store, NO_LOCKS, fleet.table, options -> options.onFallback(FallbackPolicy.LOAD));

    assertThat(cache.warm(keys(10), FAST).failed()).isEqualTo(10);
  }

  @Test
  void warm_storeIsAway_failsAllAndEnds() {
    VersionedCache<String, String> cache =
        fleet.cache(new UnreadableStore(fleet.store), fleet.table, options -> options);

    assertThat(cache.warm(keys(10), FAST)).isEqualTo(new WarmReport(10, 0, 0, 10));
  }

  @Test
  void warm_atARate_startsNoMoreThanThat() {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache = fleet.cache(options -> options.ticker(ticker));
    cache.get("key0");

    cache.warm(keys(11), WarmOptions.defaults().loadsPerSecond(4));

    assertThat(ticker.sleeps())
        .as("ten loads, nine pauses between them, and none for what is cached")
        .hasSize(9)
        .containsOnly(Duration.ofMillis(250));
  }

  @Test
  void warm_parallelism_boundsTheLoadsAtOnce() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              Thread.onSpinWait();
              now.decrementAndGet();
              return Row.absent();
            });

    cache.warm(keys(500), FAST.parallelism(3));

    assertThat(most.get()).isBetween(1, 3);
  }

  /** The table, many rows at once; what it was asked for is noted. */
  private BulkSource<String, String> bulkTable() {
    return BulkSource.of(
        fleet.table,
        keys -> {
          asked.add(List.copyOf(keys));
          return keys.stream().collect(Collectors.toMap(key -> key, fleet.table::load));
        });
  }

  @Test
  void warm_bulkSource_isAskedForAsManyAsAreLoadedAtOnce() {
    VersionedCache<String, String> cache = fleet.cacheOf(bulkTable());

    assertThat(cache.warm(keys(50), FAST.parallelism(20))).isEqualTo(new WarmReport(50, 0, 50, 0));
    assertThat(asked).extracting(List::size).containsExactly(20, 20, 10);
  }

  @Test
  void warm_bulkSourceAtALowRate_keysDoNotWaitForEachOther() {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, bulkTable(), options -> options.ticker(ticker));

    cache.warm(keys(4), WarmOptions.defaults().loadsPerSecond(4));
    assertThat(fleet.table.loads()).isEqualTo(4);
    assertThat(asked).as("asked for several at once").isEmpty();
    assertThat(ticker.sleeps()).hasSize(3).containsOnly(Duration.ofMillis(250));

    cache.warm(keys(9), WarmOptions.defaults().loadsPerSecond(20));
    assertThat(asked).extracting(List::size).containsExactly(2, 2);
  }

  @Test
  void warm_bulkSourceAndManyProcesses_loadEachKeyOnce() throws Exception {
    List<Future<WarmReport>> reports = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      VersionedCache<String, String> cache = fleet.cacheOf(bulkTable());
      reports.add(fleet.call(() -> cache.warm(keys(1_000), FAST.parallelism(50))));
    }

    int loaded = 0;
    for (Future<WarmReport> report : reports) {
      assertThat(report.get().done()).isEqualTo(1_000);
      assertThat(report.get().failed()).isZero();
      loaded += report.get().loaded();
    }
    assertThat(loaded).isEqualTo(1_000);
    assertThat(fleet.table.loads()).isEqualTo(1_000);
  }

  @Test
  void warm_bulkSourceFailsForSome_countsThemAndGoesOn() {
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            BulkSource.of(
                key -> {
                  if (key.endsWith("7")) {
                    throw new IllegalStateException("database on fire");
                  }
                  return Row.present(key, 1);
                },
                keys -> {
                  throw new IllegalStateException("database on fire");
                }));

    assertThat(cache.warm(keys(100), FAST.parallelism(30)))
        .isEqualTo(new WarmReport(100, 0, 90, 10));
  }

  @Test
  void warm_manyKeysAreCached_looksAtThemTogether() {
    AtomicInteger requests = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<Slot>> readAll(List<SlotKey> keys) {
                requests.incrementAndGet();
                return fleet.store.readAll(keys);
              }
            },
            fleet.table,
            options -> options);
    cache.warm(keys(250), FAST);
    requests.set(0);

    assertThat(cache.warm(keys(250), FAST)).isEqualTo(new WarmReport(250, 250, 0, 0));
    assertThat(requests).hasValue(3);
  }

  @Test
  void warm_progress_isToldAfterEachKeyOnTheCallingThread() {
    List<WarmReport> told = new ArrayList<>();
    Set<Thread> tellers = ConcurrentHashMap.newKeySet();
    VersionedCache<String, String> cache = fleet.cache();
    cache.get("key3");

    WarmReport report =
        cache.warm(
            keys(20),
            FAST.onProgress(
                now -> {
                  told.add(now);
                  tellers.add(Thread.currentThread());
                }));

    assertThat(told).hasSize(20).last().isEqualTo(report);
    assertThat(told)
        .extracting(WarmReport::done)
        .isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
    assertThat(told).allMatch(now -> now.keys() == 20);
    assertThat(tellers).containsExactly(Thread.currentThread());
  }

  @Test
  void warm_progressThrows_ends() {
    IllegalStateException enough = new IllegalStateException("enough");

    assertThatThrownBy(
            () ->
                fleet
                    .cache()
                    .warm(
                        keys(100),
                        FAST.onProgress(
                            now -> {
                              throw enough;
                            })))
        .isSameAs(enough);
    assertThat(fleet.table.loads()).isLessThan(100);
  }

  @Test
  void warm_interruptedWhileItLoads_ends() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cacheOf(gate.before(Row.absent()));
    Future<Boolean> warming =
        fleet.call(
            () -> {
              assertThatThrownBy(() -> cache.warm(keys(100), FAST))
                  .isInstanceOf(CallInterruptedException.class)
                  .hasMessageContaining("test: interrupted at");
              return Thread.interrupted();
            });
    gate.awaitReached();
    fleet.interruptCallers();

    assertThat(warming.get()).as("the flag is set again").isTrue();
    gate.open();
  }

  @Test
  void warm_interruptedAndEverythingIsCached_endsAllTheSame() {
    VersionedCache<String, String> cache = fleet.cache();
    cache.warm(keys(10), FAST);
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> cache.warm(keys(10), FAST))
        .isInstanceOf(CallInterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void warm_cacheIsClosed_throws() {
    VersionedCache<String, String> cache = fleet.cache();
    cache.close();

    assertThatThrownBy(() -> cache.warm(keys(1), FAST)).isInstanceOf(CacheClosedException.class);
    assertThat(fleet.store.read(slotKey("key0"))).isEqualTo(new Slot.Empty());
  }

  @Test
  void options_badValue_isRefusedWithTheRule() {
    assertThatThrownBy(() -> WarmOptions.defaults().loadsPerSecond(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loadsPerSecond is 0.0; it must be 0.01 to 1000000");
    assertThatThrownBy(() -> WarmOptions.defaults().parallelism(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parallelism is 0; it must be 1 or more");
  }

  private static List<String> keys(int number) {
    return IntStream.range(0, number).mapToObj(i -> "key" + i).toList();
  }
}
