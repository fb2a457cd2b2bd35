package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Thousands of callers at once, on good days and on bad ones. */
class CrowdTest {
  private static final int CROWD = 10_000;

  /**
   * Far fewer than a thread for each caller or key would be, and far more than the JVM and the
   * tests beside this one start meanwhile.
   */
  private static final int FEW_THREADS = 500;

  private final Fleet fleet = new Fleet();
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicInteger loadsNow = new AtomicInteger();
  private final AtomicInteger mostLoads = new AtomicInteger();
  private final AtomicInteger loads = new AtomicInteger();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void readAsync_tenThousandCallersOfAKey_areOneFlightWithoutAThreadEach() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        cache(countingLocks(), standingAt(gate), options -> options);
    int before = liveThreads();
    List<CompletableFuture<ReadResult<String>>> results = readAll(cache, i -> "a");
    gate.awaitReached();
    await().until(() -> cache.stats().misses() == CROWD);
    int during = liveThreads();
    gate.open();

    for (CompletableFuture<ReadResult<String>> result : results) {
      assertThat(result.get().value()).hasValue("apple");
    }
    assertThat(during - before).isLessThan(FEW_THREADS);
    assertThat(loads).hasValue(1);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void readAsync_tenThousandCallersOfAKeyThatAnotherLoads_askForTheLockOnce() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> other = fleet.cacheOf(gate.before(Row.present("apple", 1)));
    VersionedCache<String, String> cache = cache(countingLocks(), fleet.table, options -> options);
    Future<ReadResult<String>> loading = fleet.call(() -> other.read("a"));
    gate.awaitReached();
    int before = liveThreads();
    List<CompletableFuture<ReadResult<String>>> results = readAll(cache, i -> "a");
    await().until(() -> cache.stats().misses() == CROWD && cache.stats().lockWaited() == 1);
    int during = liveThreads();
    gate.open();

    for (CompletableFuture<ReadResult<String>> result : results) {
      assertThat(result.get().origin()).isEqualTo(Origin.CACHE_AFTER_WAIT);
    }
    assertThat(loading.get().value()).hasValue("apple");
    assertThat(during - before).isLessThan(FEW_THREADS);
    assertThat(attempts).hasValue(1);
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void read_aThousandBlockingCallersOfAKey_areOneFlight() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        cache(countingLocks(), standingAt(gate), options -> options);
    int before = liveThreads();
    List<Future<ReadResult<String>>> results = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      results.add(fleet.call(() -> cache.read("a")));
    }
    gate.awaitReached();
    await().until(() -> cache.stats().misses() == 1_000);
    int during = liveThreads();
    gate.open();

    for (Future<ReadResult<String>> result : results) {
      assertThat(result.get().value()).hasValue("apple");
    }
    assertThat(during - before)
        .as("the callers' own, and few more")
        .isLessThan(1_000 + FEW_THREADS);
    assertThat(loads).hasValue(1);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void fallback_aThousandColdKeysAndNoLocks_spareTheSource() throws Exception {
    VersionedCache<String, String> cache =
        cache(
            NO_LOCKS,
            this::loadCounted,
            options -> options.onFallback(FallbackPolicy.LOAD).maxFallbackLoads(4).maxLoads(16));
    int before = liveThreads();
    List<CompletableFuture<ReadResult<String>>> results = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      results.add(cache.readAsync("key" + i));
    }

    for (CompletableFuture<ReadResult<String>> result : results) {
      assertThat(result.get().origin()).isEqualTo(Origin.SOURCE_FALLBACK);
    }
    assertThat(liveThreads() - before).isLessThan(FEW_THREADS);
    assertThat(mostLoads.get()).isBetween(1, 4);
    assertThat(loads).hasValue(1_000);
  }

  @Test
  void fallback_moreColdKeysThanMayWait_refusesTheRestWithTheLimits() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        cache(
            NO_LOCKS,
            standingAt(gate),
            options ->
                options.onFallback(FallbackPolicy.LOAD).maxFallbackLoads(4).maxFallbackQueue(100));
    List<CompletableFuture<ReadResult<String>>> results = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      results.add(cache.readAsync("key" + i));
    }
    await()
        .until(
            () ->
                results.stream().filter(CompletableFuture::isCompletedExceptionally).count()
                    == 1_000 - 104);
    assertThat(loads.get()).isLessThanOrEqualTo(4);
    gate.open();
    int answered = 0;
    for (CompletableFuture<ReadResult<String>> result : results) {
      Throwable failure = result.handle((answer, e) -> e).get();
      if (failure == null) {
        answered++;
      } else {
        assertThat(failure)
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining("maxFallbackLoads=4 are under way and maxFallbackQueue=100 wait");
      }
    }
    assertThat(answered).isEqualTo(104);
  }

  @Test
  void fallback_noPlaceToWait_failsAtOnce() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        cache(
            NO_LOCKS,
            standingAt(gate),
            options ->
                options.onFallback(FallbackPolicy.LOAD).maxFallbackLoads(1).maxFallbackQueue(0));
    CompletableFuture<ReadResult<String>> first = cache.readAsync("a");
    gate.awaitReached();

    Throwable failure = cache.readAsync("b").handle((answer, e) -> e).get();
    assertThat(failure).isInstanceOf(UnavailableException.class);
    gate.open();
    assertThat(first.get().value()).hasValue("apple");
  }

  @Test
  void log_tenThousandCallersWithoutLocks_isAFewLines() throws Exception {
    assertFewLines(
        cache(NO_LOCKS, fleet.table, CrowdTest::inNoTime), cache -> readAll(cache, i -> "key" + i));
  }

  @Test
  void log_tenThousandCallersWithoutAStore_isAFewLines() throws Exception {
    SlotStore away = new UnreadableStore(fleet.store);
    assertFewLines(
        fleet.cache(away, fleet.table, CrowdTest::inNoTime),
        cache -> readAll(cache, i -> "key" + i));
  }

  @Test
  void log_tenThousandCallersWithoutASource_isAFewLines() throws Exception {
    assertFewLines(
        cache(
            fleet.locks,
            key -> {
              throw new IllegalStateException("database on fire");
            },
            CrowdTest::inNoTime),
        cache -> readAll(cache, i -> "key" + i));
  }

  @Test
  void log_thousandsOfValuesThatCannotBeDecoded_isAFewLinesWithoutTheValues() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      fleet.table.put("key" + i, "secret", 1);
    }
    fleet.cache().warm(keys(2_000), WarmOptions.defaults().loadsPerSecond(1_000_000));
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store, fleet.locks, fleet.table, new TalkativeCodec(), CrowdTest::inNoTime);
    List<String> lines = assertFewLines(cache, crowded -> readAll(crowded, i -> "key" + i % 2_000));

    assertThat(lines).isNotEmpty().allMatch(line -> line.contains("IllegalStateException"));
  }

  @Test
  void log_thousandsOfWritesThatGetNoAnswer_isAFewLines() throws Exception {
    StoreSwitch link = new StoreSwitch(fleet.store);
    VersionedCache<String, String> cache =
        fleet.cache(link, fleet.table, options -> inNoTime(options).deadline(Duration.ofMillis(1)));
    link.cut();
    List<String> lines =
        assertFewLines(
            cache,
            crowded -> {
              for (int i = 0; i < 1_200; i++) {
                assertThat(crowded.publish("key" + i, Row.present("secret", 1)))
                    .isEqualTo(WriteOutcome.UNKNOWN);
              }
              crowded.close();
              return List.of();
            });

    assertThat(lines).isNotEmpty();
  }

  /** Reads none of the entries that are there, and quotes what it could not read. */
  private static final class TalkativeCodec implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      return new StringCodec().encode(value);
    }

    @Override
    public String decode(byte[] bytes) {
      String text = new StringCodec().decode(bytes);
      if (text.equals("secret")) {
        throw new IllegalStateException("unexpected '" + text + "'");
      }
      return text;
    }
  }

  /** What a crowd does. Returns what has to end, well or not. */
  private interface Stampede {
    List<CompletableFuture<ReadResult<String>>> of(VersionedCache<String, String> cache)
        throws Exception;
  }

  private static List<String> assertFewLines(
      VersionedCache<String, String> cache, Stampede stampede) throws Exception {
    try (LogCapture log = new LogCapture()) {
      for (CompletableFuture<ReadResult<String>> result : stampede.of(cache)) {
        assertThat(result.handle((answer, e) -> true).get()).isTrue();
      }

      assertThat(log.lines().size()).as("a line of each kind").isLessThanOrEqualTo(4);
      assertThat(log.lines()).allMatch(line -> line.contains("test:key"));
      assertThat(log.linesWithExceptions()).noneMatch(line -> line.contains("secret"));
      return log.lines();
    }
  }

  private static List<CompletableFuture<ReadResult<String>>> readAll(
      VersionedCache<String, String> cache, IntFunction<String> keys) {
    List<CompletableFuture<ReadResult<String>>> results = new ArrayList<>();
    for (int i = 0; i < CROWD; i++) {
      results.add(cache.readAsync(keys.apply(i)));
    }
    return results;
  }

  private static List<String> keys(int number) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      keys.add("key" + i);
    }
    return keys;
  }

  private static int liveThreads() {
    return Thread.getAllStackTraces().size();
  }

  private Source<String, String> standingAt(Gate gate) {
    return key -> {
      loads.incrementAndGet();
      gate.pass();
      return Row.present("apple", 1);
    };
  }

  private Row<String> loadCounted(String key) {
    loads.incrementAndGet();
    mostLoads.accumulateAndGet(loadsNow.incrementAndGet(), Math::max);
    Thread.onSpinWait();
    loadsNow.decrementAndGet();
    return Row.present(key, 1);
  }

  private LockProvider countingLocks() {
    return (key, deadline) -> {
      attempts.incrementAndGet();
      return fleet.locks.tryAcquire(key, deadline);
    };
  }

  /** Time passes only while a cache pauses between two tries: all happens in a second or so. */
  private static CacheBuilder<String, String> inNoTime(CacheBuilder<String, String> options) {
    return options.ticker(new ManualTicker());
  }

  private VersionedCache<String, String> cache(
      LockProvider locks,
      Source<String, String> source,
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(fleet.store, locks, source, options);
  }
}
