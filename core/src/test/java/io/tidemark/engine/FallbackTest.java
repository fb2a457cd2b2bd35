package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a read does when the lock service or the store is away, or somebody else holds on. */
class FallbackTest {
  private final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void fail_locksAway_throws() {
    assertThatThrownBy(() -> cacheWithoutLocks(options -> options).get("a"))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("test:a: no quorum");
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void load_locksAway_readsTheSourceUncached() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        cacheWithoutLocks(options -> options.onFallback(FallbackPolicy.LOAD));

    ReadResult<String> result = cache.read("a");

    assertThat(result.value()).hasValue("apple");
    assertThat(result.origin()).isEqualTo(Origin.SOURCE_FALLBACK);
    assertThat(result.lockAcquired()).isFalse();
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
    assertThat(cache.stats().fallbacks()).isEqualTo(1);
  }

  @Test
  void load_lockHeldPastTheWaitLimit_readsTheSourceUncached() throws Exception {
    ManualTicker ticker = new ManualTicker();
    Duration waitLimit = Duration.ofMillis(20);
    fleet.table.put("a", "apple", 1);
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .onFallback(FallbackPolicy.LOAD)
                    .waitLimit(waitLimit)
                    .ticker(ticker)
                    .listener(ticker.passingInWaitsForLocks(waitLimit)));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_FALLBACK);
    ((LockAttempt.Acquired) held).handle().close();
  }

  @Test
  void load_storeAway_readsTheSourceUncached() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        fleet.cache(
            new UnreadableStore(fleet.store),
            fleet.table,
            options -> options.onFallback(FallbackPolicy.LOAD));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_FALLBACK);
    assertThat(cache.stats().lockAcquired()).isZero();
  }

  @Test
  void load_manyCallersOfAKey_loadOncePerProcess() throws Exception {
    int callers = 10;
    CountDownLatch allCalled = new CountDownLatch(callers);
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public Slot read(SlotKey key) {
                allCalled.countDown();
                awaitAll(allCalled);
                throw new UnavailableException(key, "connection refused", null);
              }
            },
            key -> {
              loads.incrementAndGet();
              gate.pass();
              return Row.present("apple", 1);
            },
            options -> options.onFallback(FallbackPolicy.LOAD));
    List<Callable<ReadResult<String>>> calls = Collections.nCopies(callers, () -> cache.read("a"));

    List<Future<ReadResult<String>>> results = fleet.callAllThatWait(calls);
    gate.open();

    for (Future<ReadResult<String>> result : results) {
      assertThat(result.get().origin()).isEqualTo(Origin.SOURCE_FALLBACK);
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void load_callerAfterItsReadBegan_loadsAgain() throws Exception {
    Gate gate = new Gate();
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> cache =
        fleet.cache(
            new UnreadableStore(fleet.store),
            key -> {
              Row<String> row = fleet.table.load(key);
              gate.pass();
              return row;
            },
            options -> options.onFallback(FallbackPolicy.LOAD));
    Future<ReadResult<String>> before = fleet.callThatWaits(() -> cache.read("a"));
    gate.awaitReached();
    fleet.table.put("a", "new", 2);
    Future<ReadResult<String>> after = fleet.callThatWaits(() -> cache.read("a"));
    gate.open();

    assertThat(before.get().value()).hasValue("old");
    assertThat(after.get().value()).hasValue("new");
  }

  @Test
  void load_limitReached_throwsAndSparesTheSource() throws Exception {
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            NO_LOCKS,
            key -> {
              loads.incrementAndGet();
              gate.pass();
              return Row.present("apple", 1);
            },
            options ->
                options
                    .onFallback(FallbackPolicy.LOAD)
                    .maxFallbackLoads(1)
                    .deadline(Duration.ofMillis(300))
                    .ticker(() -> 0));
    Future<ReadResult<String>> first = fleet.call(() -> cache.read("a"));
    gate.awaitReached();

    assertThatThrownBy(() -> cache.get("b"))
        .isInstanceOfAny(UnavailableException.class, DeadlineExceededException.class);
    assertThat(loads).hasValue(1);
    gate.open();
    await().until(first::isDone);
  }

  @Test
  void load_oneAfterAnother_giveTheirPlaceBack() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        cacheWithoutLocks(options -> options.onFallback(FallbackPolicy.LOAD).maxFallbackLoads(1));

    for (int i = 0; i < 3; i++) {
      assertThat(cache.get("a")).hasValue("apple");
    }
  }

  @Test
  void stale_locksAway_servesTheExpiredValue() {
    fleet.table.put("a", "apple", 1);
    fleet.cache(FallbackTest::stale).get("a");
    fleet.pass(Duration.ofSeconds(10));

    ReadResult<String> result = cacheWithoutLocks(FallbackTest::stale).read("a");

    assertThat(result.value()).hasValue("apple");
    assertThat(result.origin()).isEqualTo(Origin.CACHE_STALE);
  }

  @Test
  void stale_nothingExpired_throws() {
    assertThatThrownBy(
            () ->
                cacheWithoutLocks(
                        options ->
                            options.onFallback(FallbackPolicy.STALE).grace(Duration.ofSeconds(60)))
                    .get("a"))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void stale_locksThere_refreshesTheExpiredValue() {
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> cache = fleet.cache(FallbackTest::stale);
    cache.get("a");
    fleet.table.put("a", "new", 2);
    fleet.pass(Duration.ofSeconds(10));

    assertThat(cache.read("a").value()).hasValue("new");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void stale_expiredAndDeletedSince_isAbsentAfterOneLoadAndCachedByTheNext() {
    fleet.table.put("a", "old", 1);
    VersionedCache<String, String> cache = fleet.cache(FallbackTest::stale);
    cache.get("a");
    fleet.table.delete("a");
    fleet.pass(Duration.ofSeconds(10));

    assertThat(cache.read("a").value()).isEmpty();
    assertThat(fleet.table.loads()).isEqualTo(2);
    assertThat(cache.read("a").value()).isEmpty();
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  private static CacheBuilder<String, String> stale(CacheBuilder<String, String> options) {
    return options
        .onFallback(FallbackPolicy.STALE)
        .ttl(Duration.ofSeconds(10))
        .ttlJitter(0)
        .grace(Duration.ofSeconds(60));
  }

  private VersionedCache<String, String> cacheWithoutLocks(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(fleet.store, NO_LOCKS, fleet.table, options);
  }

  private static void awaitAll(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
