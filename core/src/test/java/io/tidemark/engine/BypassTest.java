package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.tidemark.BulkReadResult;
import io.tidemark.CacheBuilder;
import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheListener;
import io.tidemark.CacheStats;
import io.tidemark.CodecException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UncacheablePolicy;
import io.tidemark.UnsafeInTransactionException;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WarmReport;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads that bypass the cache, and what switching does to them and to writes. */
class BypassTest {
  /** On at 50 %, and not. */
  private static final String ON = "a";

  private static final String BYPASSED = "1";

  private final Fleet fleet = new Fleet();
  private final BulkTable table = new BulkTable(fleet.table);
  private final Gate gate = new Gate();
  private final CountingStore store = new CountingStore(fleet.store);

  /** What a source of many rows was asked for, call by call. */
  private final List<List<String>> asked = table.asked();

  @AfterEach
  void close() {
    gate.open();
    fleet.close();
  }

  private static CacheBuilder<String, String> bypass(CacheBuilder<String, String> options) {
    return options.rollout(Rollout.bypass());
  }

  /** The table, which stands at the gate before it has given a row. */
  private Source<String, String> tableAtTheGate() {
    return key -> {
      Row<String> row = fleet.table.load(key);
      gate.pass();
      return row;
    };
  }

  @Test
  void read_bypassed_asksTheSourceAndNothingElse() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        fleet.cache(store, NO_LOCKS, fleet.table, BypassTest::bypass);

    ReadResult<String> result = cache.read("a");

    assertThat(result.value()).hasValue("apple");
    assertThat(result.version()).hasValue(1);
    assertThat(result.origin()).isEqualTo(Origin.SOURCE_BYPASS);
    assertThat(result.retries()).isZero();
    assertThat(result.lockAcquired()).isFalse();
    assertThat(result.fill()).isEmpty();
    assertThat(store.reads).isEmpty();
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
    CacheStats stats = cache.stats();
    assertThat(stats.bypassed()).isEqualTo(1);
    assertThat(stats.loads()).isEqualTo(1);
    assertThat(stats.hits() + stats.misses() + stats.fallbacks()).isZero();
  }

  @Test
  void readAsync_bypassed_asksTheSource() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        fleet.cache(store, NO_LOCKS, fleet.table, BypassTest::bypass);

    assertThat(cache.readAsync("a").join().origin()).isEqualTo(Origin.SOURCE_BYPASS);
    assertThat(cache.getAllAsync(List.of("a", "b")).join().get("a")).hasValue("apple");
    assertThat(store.reads).isEmpty();
  }

  @Test
  void read_switchedOff_leavesTheEntryAlone() {
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> cache = fleet.cache();
    cache.get("a");
    fleet.table.put("a", "new", 2);

    cache.switchTo(Rollout.bypass());
    assertThat(cache.get("a")).hasValue("new");

    cache.switchTo(Rollout.on());
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.get("a")).hasValue("old");
  }

  static Stream<Arguments> writes() {
    return Stream.of(
        write("update", fleet -> fleet.cache.update("a", () -> fleet.commit())),
        write("updateAsync", fleet -> fleet.cache.updateAsync("a", () -> fleet.commit()).join()),
        write("publish", fleet -> fleet.cache.publish("a", fleet.commit())),
        write("publishAll", fleet -> fleet.cache.publishAll(Map.of("a", fleet.commit()))),
        write("invalidate", fleet -> fleet.invalidate(cache -> cache.invalidate("a"))),
        write(
            "invalidateAll", fleet -> fleet.invalidate(cache -> cache.invalidateAll(List.of("a")))),
        write("clear", fleet -> fleet.invalidate(VersionedCache::clear)),
        write("refresh", fleet -> fleet.invalidate(cache -> cache.refresh("a"))));
  }

  /** A table, and a cache of it. */
  private record Written(Table table, VersionedCache<String, String> cache) {
    Row<String> commit() {
      return table.put("a", "new", 2);
    }

    void invalidate(Consumer<VersionedCache<String, String>> write) {
      commit();
      write.accept(cache);
    }
  }

  private static Arguments write(String name, Consumer<Written> write) {
    return Arguments.of(name, write);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("writes")
  void write_bypassed_isSeenByEveryProcessAndOnceSwitchedOn(String name, Consumer<Written> write) {
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> other = fleet.cache();
    VersionedCache<String, String> cache = fleet.cache(BypassTest::bypass);
    assertThat(other.get("a")).hasValue("old");

    write.accept(new Written(fleet.table, cache));

    assertThat(cache.get("a")).hasValue("new");
    assertThat(other.get("a")).hasValue("new");
    cache.switchTo(Rollout.on());
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void update_bypassed_hidesTheEntryMeanwhile() {
    fleet.table.put("a", "old", 1);
    fleet.cache().get("a");

    fleet
        .cache(BypassTest::bypass)
        .update(
            "a",
            () -> {
              assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Pending.class);
              return fleet.table.put("a", "new", 2);
            });
  }

  @Test
  void publish_bypassed_breaksTheClaimOfALoadElsewhere() throws Exception {
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> other = fleet.cacheOf(tableAtTheGate());
    VersionedCache<String, String> cache = fleet.cache(BypassTest::bypass);
    Future<ReadResult<String>> load = fleet.callThatWaits(() -> other.read("a"));
    gate.awaitReached();

    cache.publish("a", fleet.table.put("a", "new", 2));
    gate.open();

    load.get();
    cache.switchTo(Rollout.on());
    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void read_bypassedInItsOwnTransaction_isRefusedAsWhenOn() {
    ThreadTransactions transactions = new ThreadTransactions();
    VersionedCache<String, String> cache =
        fleet.cache(options -> bypass(options).transactions(transactions));
    transactions.begin();
    cache.update("a", () -> fleet.table.put("a", "new", 2));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(UnsafeInTransactionException.class);
    transactions.commit();
    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void read_manyCallersOfABypassedKey_shareALoad() throws Exception {
    fleet.table.put("a", "apple", 1);
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            key -> {
              loads.incrementAndGet();
              gate.pass();
              return fleet.table.load(key);
            },
            options -> bypass(options).maxLoads(1));
    Future<ReadResult<String>> other = fleet.callThatWaits(() -> cache.read("other"));
    gate.awaitReached();
    List<Callable<ReadResult<String>>> calls = Collections.nCopies(10, () -> cache.read("a"));
    List<Future<ReadResult<String>>> results = fleet.callAllThatWait(calls);
    gate.open();

    for (Future<ReadResult<String>> result : results) {
      assertThat(result.get().origin()).isEqualTo(Origin.SOURCE_BYPASS);
    }
    other.get();
    assertThat(loads).hasValue(2);
  }

  @Test
  void read_afterTheSourceWasAskedForAnother_asksAgain() throws Exception {
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> cache = fleet.cache(store, tableAtTheGate(), BypassTest::bypass);
    Future<ReadResult<String>> before = fleet.callThatWaits(() -> cache.read("a"));
    gate.awaitReached();
    fleet.table.put("a", "new", 2);
    Future<ReadResult<String>> after = fleet.callThatWaits(() -> cache.read("a"));
    gate.open();

    assertThat(before.get().value()).hasValue("old");
    assertThat(after.get().value()).hasValue("new");
  }

  @Test
  void switchTo_readsUnderWay_endAsTheyBegan() throws Exception {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache = fleet.cacheOf(tableAtTheGate());
    Future<ReadResult<String>> byTheCache = fleet.callThatWaits(() -> cache.read("a"));
    gate.awaitReached();
    cache.switchTo(Rollout.bypass());
    Future<ReadResult<String>> past = fleet.callThatWaits(() -> cache.read("a"));
    cache.switchTo(Rollout.on());
    gate.open();

    assertThat(byTheCache.get().origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(past.get().origin()).isEqualTo(Origin.SOURCE_BYPASS);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void read_bypassedWhileAllLoadsByTheCacheWait_isAnswered() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            key -> {
              if (key.equals("stuck")) {
                gate.pass();
              }
              return fleet.table.load(key);
            },
            options -> options.maxLoads(1));
    Future<ReadResult<String>> stuck = fleet.call(() -> cache.read("stuck"));
    gate.awaitReached();

    cache.switchTo(Rollout.bypass());

    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_BYPASS);
    assertThat(stuck).isNotDone();
  }

  @Test
  void read_moreBypassedKeysThanMaxLoads_waitAndSayWhy() throws Exception {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            tableAtTheGate(),
            options -> bypass(options).maxLoads(1).ticker(ticker).deadline(Duration.ofMillis(50)));
    Future<ReadResult<String>> first = fleet.call(() -> cache.read("a"));
    gate.awaitReached();
    Future<ReadResult<String>> second = fleet.callThatWaits(() -> cache.read("b"));
    ticker.pass(Duration.ofMillis(50));

    assertThatThrownBy(second::get)
        .cause()
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("for bypassed keys, maxLoads=1 are under way");
    await().until(first::isDone);
  }

  @Test
  void read_bypassedAndTheSourceFails_servesNothingExpired() {
    Duration life = Duration.ofSeconds(10);
    fleet.table.put("a", "apple", 1);
    AtomicInteger failing = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            key -> {
              if (failing.get() > 0) {
                throw new IllegalStateException("down");
              }
              return fleet.table.load(key);
            },
            options ->
                options
                    .ttl(life)
                    .ttlJitter(0)
                    .grace(life)
                    .softTimeout(Duration.ofMillis(1))
                    .failureTtl(Duration.ZERO)
                    .onFallback(FallbackPolicy.STALE)
                    .onLoadFailure(LoadFailurePolicy.STALE));
    cache.get("a");
    fleet.pass(life);
    failing.set(1);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE_STALE);

    cache.switchTo(Rollout.bypass());

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(LoadFailedException.class)
        .hasRootCauseMessage("down");
  }

  @Test
  void read_bypassedWithAReplica_neverAsksTheReplica() {
    fleet.table.put("a", "new", 2);
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                bypass(options)
                    .replica(key -> Row.present("old", 1))
                    .replicaLag(Duration.ofSeconds(10)));

    assertThat(cache.get("a")).hasValue("new");
    assertThat(cache.getAll(List.of("a", "b")).get("a")).hasValue("new");
  }

  @Test
  void read_bypassedValueThatCannotBeCached_isServedOrRefusedAsWhenOn() {
    fleet.table.put("a", "too large", 1);
    VersionedCache<String, String> lenient =
        fleet.cache(options -> bypass(options).maxValueBytes(3));
    VersionedCache<String, String> strict =
        fleet.cache(
            options -> bypass(options).maxValueBytes(3).onUncacheable(UncacheablePolicy.FAIL));

    assertThat(lenient.get("a")).hasValue("too large");
    assertThat(lenient.read("a").origin()).isEqualTo(Origin.SOURCE_BYPASS);
    assertThatThrownBy(() -> strict.get("a")).isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> strict.get("a")).isInstanceOf(CodecException.class);
  }

  @Test
  void readAll_someAreBypassed_asksTheStoreForTheOthersAndTheSourceOnce() {
    fleet.table.put(ON, "on", 1);
    fleet.cache().get(ON);
    VersionedCache<String, String> cache =
        fleet.cache(store, table.source(), options -> options.rollout(Rollout.ofKeys(50)));
    List<String> bypassed = new ArrayList<>();
    List<String> keys = new ArrayList<>(List.of(ON));
    for (int i = 100; i < 200; i++) {
      String key = Integer.toString(i);
      if (!Rollout.ofKeys(50).isOn(key)) {
        bypassed.add(key);
        keys.add(key);
      }
    }

    BulkReadResult<String, String> result = cache.readAll(keys);

    assertThat(store.reads).containsExactly(slotKey(ON));
    assertThat(asked).containsExactly(bypassed);
    assertThat(result.results().keySet()).containsExactlyElementsOf(keys);
    result
        .results()
        .forEach(
            (key, one) ->
                assertThat(one.origin())
                    .isEqualTo(key.equals(ON) ? Origin.CACHE : Origin.SOURCE_BYPASS));
    assertThat(cache.stats().bypassed()).isEqualTo(bypassed.size());
  }

  @Test
  void readAll_theStoreIsSlow_asksTheSourceForBypassedKeysMeanwhile() throws Exception {
    CountDownLatch asksTheSource = new CountDownLatch(1);
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public Slot read(SlotKey key) {
                awaitUninterrupted(asksTheSource);
                return super.read(key);
              }
            },
            key -> {
              asksTheSource.countDown();
              return fleet.table.load(key);
            },
            options -> options.rollout(Rollout.ofKeys(50)));

    assertThat(cache.readAll(List.of(ON, BYPASSED)).failures()).isEmpty();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readAll_someAreBypassedAndTheOthersMissing_readsEachByItsWay() {
    fleet.table.put(ON, "on", 1);
    fleet.table.put(BYPASSED, "bypassed", 2);
    VersionedCache<String, String> cache =
        fleet.cache(store, table.source(), options -> options.rollout(Rollout.ofKeys(50)));

    BulkReadResult<String, String> result = cache.readAll(List.of(BYPASSED, ON));

    assertThat(requireNonNull(result.results().get(ON)).origin())
        .isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(requireNonNull(result.results().get(BYPASSED)).origin())
        .isEqualTo(Origin.SOURCE_BYPASS);
    assertThat(fleet.store.read(slotKey(ON))).isInstanceOf(Slot.Value.class);
    assertThat(fleet.store.read(slotKey(BYPASSED))).isEqualTo(new Slot.Empty());
  }

  @Test
  void readAll_bypassedFromASourceOfOneRow_failsForThatKeyAlone() {
    fleet.table.put("a", "apple", 1);
    fleet.table.put("c", "cherry", 1);
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            key -> {
              if (key.equals("b")) {
                throw new IllegalStateException("broken row");
              }
              return fleet.table.load(key);
            },
            BypassTest::bypass);

    BulkReadResult<String, String> result = cache.readAll(List.of("a", "b", "c"));

    assertThat(result.results().keySet()).containsExactly("a", "c");
    assertThat(result.failures().get("b")).isInstanceOf(LoadFailedException.class);
    assertThat(store.reads).isEmpty();
  }

  @Test
  void readAll_switchedMeanwhile_looksAgainAsItBegan() throws Exception {
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> cache = fleet.cache(store, tableAtTheGate(), BypassTest::bypass);
    Future<ReadResult<String>> first = fleet.callThatWaits(() -> cache.read("a"));
    gate.awaitReached();
    fleet.table.put("a", "new", 2);
    Future<BulkReadResult<String, String>> late =
        fleet.callThatWaits(() -> cache.readAll(List.of("a", "b")));
    cache.switchTo(Rollout.on());
    gate.open();

    first.get();
    ReadResult<String> again = requireNonNull(late.get().results().get("a"));
    assertThat(again.value()).hasValue("new");
    assertThat(again.origin()).isEqualTo(Origin.SOURCE_BYPASS);
    assertThat(store.reads).isEmpty();
  }

  @Test
  void warm_bypassed_fillsTheCacheForTheDayItIsOn() {
    fleet.table.put("a", "apple", 1);
    fleet.table.put("b", "banana", 1);
    VersionedCache<String, String> cache = fleet.cache(BypassTest::bypass);

    assertThat(cache.warm(List.of("a", "b"), WarmOptions.defaults()))
        .isEqualTo(new WarmReport(2, 0, 2, 0));

    cache.switchTo(Rollout.on());
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void switchTo_another_isLoggedOnceAndTold() {
    List<String> told = new CopyOnWriteArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.rollout(Rollout.ofKeys(10)).listener(toldTo(told)));
    try (LogCapture log = new LogCapture(Level.INFO)) {
      cache.switchTo(Rollout.ofKeys(10));
      cache.switchTo(Rollout.bypass());
      cache.switchTo(Rollout.ofKeys(0));

      assertThat(log.lines()).containsExactly("INFO test: rollout changed from 10% to bypass");
    }
    assertThat(told).containsExactly("built test", "test 10%", "test bypass");
    assertThat(cache.rollout()).isEqualTo(Rollout.bypass());
  }

  @Test
  void switchTo_byAListener_isToldAfterTheChangeThatItHeardOf() {
    AtomicReference<VersionedCache<String, String>> itself = new AtomicReference<>();
    List<String> told = new ArrayList<>();
    CacheListener guard =
        new CacheListener() {
          @Override
          public void on(CacheEvent event) {}

          @Override
          public void onRollout(String cache, Rollout rollout) {
            if (rollout.equals(Rollout.ofKeys(25))) {
              requireNonNull(itself.get()).switchTo(Rollout.bypass());
            }
          }
        };
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.listener(guard).listener(toldTo(told)));
    itself.set(cache);
    told.clear();

    cache.switchTo(Rollout.ofKeys(25));

    assertThat(told).containsExactly("test 25%", "test bypass");
    assertThat(cache.rollout()).isEqualTo(Rollout.bypass());
  }

  private static CacheListener toldTo(List<String> told) {
    return new CacheListener() {
      @Override
      public void on(CacheEvent event) {}

      @Override
      public void onBuilt(String cache) {
        told.add("built " + cache);
      }

      @Override
      public void onRollout(String cache, Rollout rollout) {
        told.add(cache + " " + rollout);
      }
    };
  }

  @Test
  void close_bypassedReadUnderWay_endsItAndRefusesToSwitch() throws Exception {
    Events events = new Events();
    VersionedCache<String, String> cache =
        fleet.cache(store, tableAtTheGate(), options -> bypass(options).listener(events));
    Future<ReadResult<String>> read = fleet.callThatWaits(() -> cache.read("a"));
    gate.awaitReached();

    cache.close();

    assertThatThrownBy(read::get).cause().isInstanceOf(CacheClosedException.class);
    assertThat(events.count(Kind.READ_FAILED)).isEqualTo(1);
    assertThatThrownBy(() -> cache.switchTo(Rollout.on())).isInstanceOf(CacheClosedException.class);
    assertThat(cache.rollout()).isEqualTo(Rollout.bypass());
  }

  @Test
  void explain_bypassedKey_saysSoFirst() {
    fleet.table.put(BYPASSED, "apple", 5);
    fleet.table.put(ON, "apple", 5);
    fleet.cache().getAll(List.of(BYPASSED, ON));
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.rollout(Rollout.ofKeys(50)));

    assertThat(cache.explain(BYPASSED).verdict())
        .isEqualTo(
            "Reads of the key bypass the cache in this process, whose rollout is 50%; writes do"
                + " not. It is up to date: the source has version 5 too.");
    assertThat(cache.explain(BYPASSED).bypassedBy()).contains(Rollout.ofKeys(50));
    assertThat(cache.explain(ON).verdict())
        .isEqualTo("It is up to date: the source has version 5 too.");
  }

  @Test
  void explain_bypassedKeyAndTheStoreIsAway_saysNothingOfThePolicy() {
    VersionedCache<String, String> cache =
        fleet.cache(new UnreadableStore(fleet.store), fleet.table, BypassTest::bypass);

    assertThat(cache.explain("a").verdict())
        .isEqualTo(
            "Reads of the key bypass the cache in this process, whose rollout is bypass; writes"
                + " do not. The store does not answer.");
  }

  /** Remembers which slots were read. */
  private static final class CountingStore extends ForwardingStore {
    private final List<SlotKey> reads = new CopyOnWriteArrayList<>();

    CountingStore(SlotStore store) {
      super(store);
    }

    @Override
    public Slot read(SlotKey key) {
      reads.add(key);
      return super.read(key);
    }
  }
}
