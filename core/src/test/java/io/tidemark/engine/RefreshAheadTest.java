package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Slot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class RefreshAheadTest {
  private static final Duration TTL = Duration.ofSeconds(100);

  private final Fleet fleet = new Fleet();
  private final Events events = new Events();
  private final ManualTicker ticker = new ManualTicker();
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    fleet.close();
    threads.shutdownNow();
  }

  @Test
  void xFetch_anyChance_isDueWhenTheDrawnTimeIsAsLongAsTheRest() {
    // -ln(1 - 0.5) = 0.6931…
    assertThat(isDue(RefreshAhead.xFetch(), 0.5, Duration.ofSeconds(10), 6_931)).isTrue();
    assertThat(isDue(RefreshAhead.xFetch(), 0.5, Duration.ofSeconds(10), 6_932)).isFalse();
    assertThat(isDue(RefreshAhead.xFetch(2), 0.5, Duration.ofSeconds(10), 13_862)).isTrue();
    assertThat(isDue(RefreshAhead.xFetch(2), 0.5, Duration.ofSeconds(10), 13_863)).isFalse();
    assertThat(isDue(RefreshAhead.xFetch(), 0, Duration.ofSeconds(10), 1)).isFalse();
  }

  @Test
  void xFetch_manyDraws_areDueAsOftenAsTheFormulaSays() {
    Random random = new Random(42);
    int due = 0;
    for (int i = 0; i < 100_000; i++) {
      if (RefreshTiming.isDue(
          RefreshAhead.xFetch(), Duration.ofSeconds(2), Duration.ofSeconds(1), TTL, random)) {
        due++;
      }
    }

    // exp(-2) = 0.1353; the seed makes it the same each time.
    assertThat(due / 100_000.0).isBetween(0.130, 0.141);
  }

  @Test
  void xFetch_loadTimeIsNotKnown_isNotDue() {
    assertThat(isDue(RefreshAhead.xFetch(), 0.99, Duration.ZERO, 1)).isFalse();
  }

  @Test
  void afterFraction_anyLoad_isDueFromThatPartOn() {
    RefreshAhead ahead = RefreshAhead.afterFraction(0.75);

    assertThat(isDue(ahead, 0, Duration.ZERO, 25_001)).isFalse();
    assertThat(isDue(ahead, 0, Duration.ZERO, 25_000)).isTrue();
  }

  @Test
  void refreshAhead_badValue_isRefusedWithTheRule() {
    assertThatThrownBy(() -> RefreshAhead.xFetch(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("beta is 0.0; it must be 0.01 to 100");
    assertThatThrownBy(() -> RefreshAhead.afterFraction(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fraction is 1.0; it must be 0.1 to 0.99");
  }

  @Test
  void afterFraction_valueHasLostSomeOfItsTimeByChance_isOfWhatItHas() {
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .ttl(TTL)
                    .ttlJitter(0.9)
                    .random(new FixedChance(1))
                    .listener(events)
                    .refreshAhead(RefreshAhead.afterFraction(0.5)));
    fleet.table.put("a", "old", 1);
    cache.get("a");
    fleet.pass(Duration.ofSeconds(4));
    cache.get("a");
    assertThat(events.count(Kind.LOAD)).isEqualTo(1);

    fleet.pass(Duration.ofSeconds(1));
    cache.get("a");
    await().until(() -> events.count(Kind.REFRESH_STORED) == 1);
  }

  @Test
  void hit_notDue_leavesTheSourceAlone() {
    VersionedCache<String, String> cache = cache();
    fleet.table.put("a", "old", 1);
    cache.get("a");
    fleet.pass(Duration.ofSeconds(49));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void hit_chanceThrows_isServed() {
    AtomicBoolean broken = new AtomicBoolean();
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .ttl(TTL)
                    .random(
                        () -> {
                          if (broken.get()) {
                            throw new IllegalStateException("out of luck");
                          }
                          return 0;
                        })
                    .refreshAhead(RefreshAhead.xFetch()));
    fleet.table.put("a", "apple", 1);
    cache.getAll(List.of("a", "b"));
    broken.set(true);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.getAll(List.of("a", "b"))).hasSize(2);
  }

  @Test
  void hit_due_isServedAtOnceAndRefreshedInTheBackground() throws Exception {
    Gate gate = new Gate();
    fleet.table.put("a", "old", 1);
    cache().get("a");
    fleet.table.put("a", "new", 2);
    fleet.pass(Duration.ofSeconds(50));
    VersionedCache<String, String> cache =
        cacheOf(
            key -> {
              gate.pass();
              return fleet.table.load(key);
            });

    assertThat(cache.read("a").value()).hasValue("old");
    gate.awaitReached();
    assertThat(cache.read("a").value()).as("no hit waits").hasValue("old");
    assertThat(cache.readAsync("a").get().origin()).isEqualTo(Origin.CACHE);
    gate.open();

    await().until(() -> events.count(Kind.REFRESH_STORED) == 1);
    ReadResult<String> result = cache.read("a");
    assertThat(result.value()).hasValue("new");
    assertThat(result.origin()).isEqualTo(Origin.CACHE);
    fleet.pass(Duration.ofSeconds(49));
    assertThat(cache.read("a").origin()).as("a new life").isEqualTo(Origin.CACHE);
    assertThat(fleet.table.loads()).isEqualTo(2);
  }

  @RepeatedTest(5)
  void hits_manyCachesOfAFleetAreDue_loadOnce() throws Exception {
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    fleet.table.put("a", "old", 1);
    cache().get("a");
    fleet.pass(Duration.ofSeconds(50));
    List<VersionedCache<String, String>> caches = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      caches.add(
          cacheOf(
              key -> {
                loads.incrementAndGet();
                gate.pass();
                return Row.present("new", 2);
              }));
    }
    caches.forEach(cache -> assertThat(cache.get("a")).hasValue("old"));
    gate.awaitReached();
    // Every cache has tried by now, and has let go where another had the lock.
    await().until(() -> attempts.get() >= 9);
    gate.open();
    await().until(() -> events.count(Kind.REFRESH_STORED) == 1);
    caches.forEach(cache -> assertThat(cache.get("a")).hasValue("new"));

    assertThat(loads).hasValue(1);
  }

  /** While another process refreshes, a hot key must not ask the lock service at every hit. */
  @Test
  void hits_anotherProcessHasTheLock_askTheLockServiceOnceASecond() throws Exception {
    VersionedCache<String, String> cache = dueEntry();
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    int before = attempts.get();
    for (int i = 0; i < 100; i++) {
      hitAndSettle(cache);
    }
    assertThat(attempts.get() - before).isEqualTo(1);

    ((LockAttempt.Acquired) held).handle().close();
    ticker.pass(Duration.ofSeconds(1));
    fleet.table.put("a", "new", 2);
    cache.get("a");
    await().until(() -> events.count(Kind.REFRESH_STORED) == 1);
  }

  @Test
  void hits_sourceFails_keepTheValueAndAskTheSourceOnceASecond() {
    AtomicInteger asked = new AtomicInteger();
    fleet.table.put("a", "old", 1);
    cache().get("a");
    fleet.pass(Duration.ofSeconds(50));
    VersionedCache<String, String> cache =
        cacheOf(
            key -> {
              asked.incrementAndGet();
              throw new IllegalStateException("database on fire");
            });
    for (int i = 0; i < 50; i++) {
      assertThat(hitAndSettle(cache).origin()).isEqualTo(Origin.CACHE);
    }

    assertThat(asked).hasValue(1);
    assertThat(cache.get("a")).hasValue("old");
  }

  @Test
  void hits_sourceThrowsAnError_keepTheValueAndAskTheSourceOnceASecond() {
    AtomicInteger asked = new AtomicInteger();
    fleet.table.put("a", "old", 1);
    cache().get("a");
    fleet.pass(Duration.ofSeconds(50));
    VersionedCache<String, String> cache =
        cacheOf(
            key -> {
              asked.incrementAndGet();
              throw new NoClassDefFoundError("a driver's");
            });
    for (int i = 0; i < 50; i++) {
      assertThat(hitAndSettle(cache).origin()).isEqualTo(Origin.CACHE);
    }
    assertThat(asked).hasValue(1);

    ticker.pass(Duration.ofSeconds(1));
    hitAndSettle(cache);
    assertThat(asked).hasValue(2);
  }

  /** As after a publish from a transaction that was rolled back. */
  @Test
  void hits_sourceIsOlderThanTheEntry_askTheSourceOnceASecond() {
    VersionedCache<String, String> cache = dueEntry();
    cache.publish("a", Row.present("ahead", 9));
    fleet.pass(Duration.ofSeconds(50));
    int before = fleet.table.loads();
    for (int i = 0; i < 50; i++) {
      assertThat(hitAndSettle(cache).value()).hasValue("ahead");
    }

    assertThat(fleet.table.loads() - before).isEqualTo(1);
  }

  @Test
  void hit_dueAndAWriterIsFaster_keepsTheWritersRow() throws Exception {
    Gate gate = new Gate();
    fleet.table.put("a", "old", 1);
    cache().get("a");
    fleet.pass(Duration.ofSeconds(50));
    VersionedCache<String, String> cache = cacheOf(gate.before(Row.present("old", 1)));
    cache.get("a");
    gate.awaitReached();
    VersionedCache<String, String> writer = fleet.cache();
    writer.publish("a", fleet.table.put("a", "written", 2));
    gate.open();
    await().until(() -> events.count(Kind.REFRESH_SUPERSEDED) == 1);

    assertThat(cache.get("a")).hasValue("written");
  }

  @Test
  void hit_dueAndTheRowIsGone_dropsTheValue() {
    VersionedCache<String, String> cache = dueEntry();
    fleet.table.delete("a");
    cache.get("a");
    await().until(() -> events.count(Kind.REFRESH_DROPPED) == 1);

    assertThat(cache.get("a")).isEmpty();
  }

  @Test
  void hit_refreshedByAnotherSinceItWasDue_isLeftAlone() throws Exception {
    fleet.table.put("a", "old", 1);
    cache().get("a");
    fleet.pass(Duration.ofSeconds(50));
    Gate beforeLock = new Gate();
    VersionedCache<String, String> late =
        cache(
            (key, deadline) -> {
              beforeLock.pass();
              return fleet.locks.tryAcquire(key, deadline);
            },
            fleet.table);
    late.get("a");
    beforeLock.awaitReached();
    fleet.cache(options -> options.ttl(TTL).ttlJitter(0)).refresh("a");
    int loads = fleet.table.loads();
    beforeLock.open();
    await().until(() -> events.count(Kind.LOCK_RELEASED) == 2);

    assertThat(fleet.table.loads()).isEqualTo(loads);
  }

  @Test
  void hit_locksAway_isServed() {
    fleet.table.put("a", "old", 1);
    cache().get("a");
    fleet.pass(Duration.ofSeconds(50));
    VersionedCache<String, String> cache =
        cache(
            (key, deadline) -> {
              attempts.incrementAndGet();
              throw new UnavailableException(key, "no quorum", null);
            },
            fleet.table);
    for (int i = 0; i < 20; i++) {
      assertThat(hitAndSettle(cache).origin()).isEqualTo(Origin.CACHE);
    }

    assertThat(attempts).hasValue(2);
    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Value.class);
  }

  private static boolean isDue(
      RefreshAhead ahead, double chance, Duration loadTime, long freshForMillis) {
    return RefreshTiming.isDue(
        ahead, Duration.ofMillis(freshForMillis), loadTime, TTL, new FixedChance(chance));
  }

  /** Reads, and waits until what that has set off in the background is over. */
  private ReadResult<String> hitAndSettle(VersionedCache<String, String> cache) {
    ReadResult<String> result = cache.read("a");
    await().until(() -> underWay.get() == 0);
    return result;
  }

  private void runCounted(Runnable task) {
    underWay.incrementAndGet();
    threads.execute(
        () -> {
          try {
            task.run();
          } finally {
            underWay.decrementAndGet();
          }
        });
  }

  /** A cache, and an entry "a" of its that is due. */
  private VersionedCache<String, String> dueEntry() {
    VersionedCache<String, String> cache = cache();
    fleet.table.put("a", "old", 1);
    cache.get("a");
    fleet.pass(Duration.ofSeconds(50));
    return cache;
  }

  private VersionedCache<String, String> cache() {
    return cacheOf(fleet.table);
  }

  private VersionedCache<String, String> cacheOf(Source<String, String> source) {
    return cache(
        (key, deadline) -> {
          attempts.incrementAndGet();
          return fleet.locks.tryAcquire(key, deadline);
        },
        source);
  }

  private VersionedCache<String, String> cache(LockProvider locks, Source<String, String> source) {
    return fleet.cache(
        fleet.store,
        locks,
        source,
        options ->
            options
                .ttl(TTL)
                .ttlJitter(0)
                .ticker(ticker)
                .listener(events)
                .executor(this::runCounted)
                .refreshAhead(RefreshAhead.afterFraction(0.5)));
  }
}
