package io.tidemark.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadProfile;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a cache does, and which meters that moves: every meter is in one of these tests. */
class CachePathsTest {
  private static final SlotKey SLOT = new SlotKey("products", "a");
  private static final Row<String> APPLE = Row.present("apple", 1);
  private static final Row<String> PEAR = Row.present("pear", 2);
  private static final Duration TTL = Duration.ofMinutes(5);

  /** Only a hang takes longer. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final LoadProfile PATIENT =
      new LoadProfile(Duration.ofSeconds(10), PATIENCE, PATIENCE);

  private final AtomicLong storeNanos = new AtomicLong();
  private final InMemoryStore memory = InMemoryStore.create(storeNanos::get);

  /** The verbs of the store that get no answer. */
  private final Set<String> unanswered = ConcurrentHashMap.newKeySet();

  private final SlotStore store = store();
  private final LockProvider localLocks = LocalLocks.create();
  private volatile boolean locksAway;
  private volatile Source<String, String> source = key -> APPLE;

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final List<VersionedCache<String, String>> caches = new ArrayList<>();

  @AfterEach
  void close() {
    caches.forEach(VersionedCache::close);
  }

  @Test
  void read_coldThenWarm_movesMissLoadFillAndHit() {
    VersionedCache<String, String> cache = cache();

    cache.read("a");

    assertThat(moved())
        .isEqualTo(
            Map.of(
                "tidemark.lock.cache_miss", 1.0,
                "tidemark.lock.acquired", 1.0,
                "tidemark.lock.acquire_time", 1.0,
                "tidemark.lock.released", 1.0,
                "tidemark.lock.hold_time", 1.0,
                "tidemark.load.time[outcome=loaded]", 1.0,
                "tidemark.fills[answer=stored]", 1.0,
                "tidemark.lock.total_time[source=database]", 1.0));

    cache.read("a");
    cache.read("a");

    assertThat(moved())
        .hasSize(10)
        .containsEntry("tidemark.lock.cache_hit", 2.0)
        .containsEntry("tidemark.lock.total_time[source=cache]", 2.0);
  }

  @Test
  void read_bypassed_movesNeitherHitNorMiss() {
    VersionedCache<String, String> cache =
        cache(registry, options -> options.rollout(Rollout.bypass()));

    cache.read("a");

    assertThat(moved())
        .isEqualTo(
            Map.of(
                "tidemark.bypassed.keys", 100.0,
                "tidemark.load.time[outcome=loaded]", 1.0,
                "tidemark.lock.total_time[source=bypass]", 1.0));
  }

  @Test
  void read_whileAnotherProcessLoads_movesTheWaits() throws Exception {
    MeterRegistry others = new SimpleMeterRegistry();
    VersionedCache<String, String> other = cache(others, options -> options);
    VersionedCache<String, String> cache = cache();
    CountDownLatch proceed = new CountDownLatch(1);
    source = key -> loadAfter(proceed);

    CompletableFuture<?> loading = other.readAsync("a");
    await().until(() -> sample(others, "tidemark.active.loads") == 1);
    CompletableFuture<?> waiting = cache.readAsync("a");
    await().until(() -> sample("tidemark.lock.active.waits") == 1);
    proceed.countDown();
    loading.get();
    waiting.get();

    assertThat(sample(others, "tidemark.active.loads")).isZero();
    assertThat(moved())
        .isEqualTo(
            Map.of(
                "tidemark.lock.cache_miss", 1.0,
                "tidemark.lock.wait", 1.0,
                "tidemark.lock.wait_time", 1.0,
                "tidemark.lock.total_time[source=cache_after_wait]", 1.0));
  }

  @Test
  void read_lockNotHadInTime_movesTimedOutAndFailed() throws Exception {
    Duration waitLimit = Duration.ofMillis(20);
    AtomicLong nanos = new AtomicLong();
    VersionedCache<String, String> cache =
        cache(
            registry,
            options ->
                options
                    .waitLimit(waitLimit)
                    .ticker(nanos::get)
                    .listener(
                        event -> {
                          if (event.kind() == CacheEvent.Kind.LOCK_WAIT) {
                            nanos.addAndGet(waitLimit.toNanos());
                          }
                        }));

    try (LockHandle held = hold()) {
      assertThat(held.fence()).isPositive();
      assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(() -> cache.read("a"));
    }

    assertThat(moved())
        .containsEntry("tidemark.lock.timed_out", 1.0)
        .containsEntry("tidemark.lock.total_time[source=failed]", 1.0)
        .doesNotContainKey("tidemark.lock.active.waits");
  }

  @Test
  void read_sourceThrows_movesFailedLoadsAndReads() {
    VersionedCache<String, String> cache = cache();
    source =
        key -> {
          throw new IllegalStateException("down");
        };

    assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> cache.read("a"));

    assertThat(moved())
        .containsEntry("tidemark.load.time[outcome=failed]", 1.0)
        .containsEntry("tidemark.lock.total_time[source=failed]", 1.0)
        .doesNotContainKey("tidemark.load.time[outcome=loaded]")
        .doesNotContainKey("tidemark.active.loads");
  }

  @Test
  void read_sourceThrowsAnError_leavesNoLoadUnderWay() {
    VersionedCache<String, String> cache = cache();
    source =
        key -> {
          throw new AssertionError("broken");
        };

    assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> cache.read("a"));

    assertThat(moved())
        .containsEntry("tidemark.load.time[outcome=failed]", 1.0)
        .doesNotContainKey("tidemark.active.loads");
  }

  @Test
  void read_claimIsBrokenMeanwhile_movesRefused() {
    VersionedCache<String, String> cache = cache();
    source = changingMeanwhile(() -> memory.drop(SLOT, Version.NONE, TTL), APPLE);

    cache.read("a");

    assertThat(moved())
        .containsEntry("tidemark.fills[answer=refused]", 1.0)
        .containsEntry("tidemark.fills[answer=stored]", 1.0);
  }

  @Test
  void read_sourceIsBehindTheFloor_movesBehind() {
    VersionedCache<String, String> cache =
        cache(registry, options -> options.replica(key -> APPLE).replicaLag(TTL));
    cache.publish("a", Row.present("pear", 10));

    cache.read("a");

    assertThat(moved()).containsEntry("tidemark.fills[answer=behind]", 2.0);
  }

  @Test
  void read_answerToTheFillIsLost_movesLost() {
    VersionedCache<String, String> cache = cache();
    unanswered.add("fill");

    cache.read("a");

    assertThat(moved())
        .containsEntry("tidemark.fills[answer=lost]", 3.0)
        .containsEntry("tidemark.lock.total_time[source=database]", 1.0);
  }

  @Test
  void read_lockServiceAway_movesFallback() {
    VersionedCache<String, String> cache =
        cache(registry, options -> options.onFallback(FallbackPolicy.LOAD));
    locksAway = true;

    cache.read("a");

    assertThat(moved())
        .isEqualTo(
            Map.of(
                "tidemark.lock.cache_miss", 1.0,
                "tidemark.load.time[outcome=loaded]", 1.0,
                "tidemark.lock.total_time[source=fallback]", 1.0));
  }

  @Test
  void read_expiredAndLockServiceAway_movesStale() {
    VersionedCache<String, String> cache =
        cache(registry, options -> options.onFallback(FallbackPolicy.STALE).grace(TTL));
    cache.read("a");
    storeNanos.addAndGet(TTL.toNanos());
    locksAway = true;

    cache.read("a");

    assertThat(moved()).containsEntry("tidemark.lock.total_time[source=stale]", 1.0);
  }

  @Test
  void read_valueIsTooLarge_movesUncacheable() {
    VersionedCache<String, String> cache = cache(registry, options -> options.maxValueBytes(1));

    cache.read("a");

    assertThat(moved())
        .containsEntry("tidemark.uncacheable.values", 1.0)
        .containsEntry("tidemark.lock.total_time[source=database]", 1.0);
  }

  @Test
  void read_damagedSlot_movesDamaged() {
    VersionedCache<String, String> cache = cache();
    memory.damage(SLOT);

    cache.read("a");

    assertThat(moved())
        .containsEntry("tidemark.damaged.slots", 1.0)
        .containsEntry("tidemark.fills[answer=stored]", 1.0);
  }

  @Test
  void read_sourceHangsPastTheBound_movesGivenUpAndHungLoads() throws Exception {
    AtomicLong nanos = new AtomicLong();
    VersionedCache<String, String> cache = cache(registry, options -> bounded(options, nanos));
    CountDownLatch end = new CountDownLatch(1);
    source =
        key -> {
          nanos.addAndGet(Duration.ofSeconds(2).toNanos());
          awaitUninterruptibly(end);
          return APPLE;
        };

    assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> cache.read("a"));

    await().until(() -> sample("tidemark.hung.loads") == 1);
    assertThat(moved()).containsEntry("tidemark.load.time[outcome=given_up]", 1.0);
    end.countDown();
    await().until(() -> sample("tidemark.hung.loads") == 0);
  }

  /** As a driver that listens to no interrupt. */
  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // It is not what is waited for.
      }
    }
  }

  @Test
  void update_writeTakesLongerThanItsBound_movesOutlived() {
    AtomicLong nanos = new AtomicLong();
    VersionedCache<String, String> cache = cache(registry, options -> bounded(options, nanos));

    cache.update(
        "a",
        () -> {
          nanos.addAndGet(Duration.ofSeconds(2).toNanos());
          await().until(() -> sample("tidemark.outlived.claims") == 1);
          return APPLE;
        });

    assertThat(moved()).containsEntry("tidemark.outlived.claims", 1.0);
  }

  private static CacheBuilder<String, String> bounded(
      CacheBuilder<String, String> options, AtomicLong nanos) {
    return options
        .claimLife(Duration.ofMillis(30))
        .maxLoadTime(Duration.ofMillis(100))
        .ticker(nanos::get);
  }

  @Test
  void refresh_sourceIsNewer_movesStored() {
    VersionedCache<String, String> cache = cache();
    cache.read("a");
    source = key -> PEAR;

    cache.refresh("a");

    assertThat(moved()).containsEntry("tidemark.refreshes[answer=stored]", 1.0);
  }

  @Test
  void refresh_entryIsNewer_movesSuperseded() {
    VersionedCache<String, String> cache = cache();
    cache.read("a");
    source = changingMeanwhile(() -> cache.publish("a", Row.present("plum", 3)), PEAR);

    cache.refresh("a");

    assertThat(moved()).containsEntry("tidemark.refreshes[answer=superseded]", 3.0);
  }

  @Test
  void refresh_rowIsGone_movesDropped() {
    VersionedCache<String, String> cache = cache();
    cache.read("a");
    source = key -> Row.absent();

    cache.refresh("a");

    assertThat(moved()).containsEntry("tidemark.refreshes[answer=dropped]", 1.0);
  }

  @Test
  void refresh_entryIsEvictedMeanwhile_movesRefused() {
    VersionedCache<String, String> cache = cache();
    cache.read("a");
    source = changingMeanwhile(() -> memory.evict(SLOT), PEAR);

    cache.refresh("a");

    assertThat(moved()).containsEntry("tidemark.refreshes[answer=refused]", 1.0);
  }

  @Test
  void publish_rowsOldAndNew_movesWhatTheStoreAnswered() {
    VersionedCache<String, String> cache = cache();
    cache.read("a");

    cache.publish("a", PEAR);
    cache.publish("a", PEAR);
    cache.publish("a", APPLE);
    cache.invalidate("a");

    assertThat(moved())
        .containsEntry("tidemark.publishes[answer=stored]", 1.0)
        .containsEntry("tidemark.publishes[answer=same]", 1.0)
        .containsEntry("tidemark.publishes[answer=superseded]", 1.0)
        .containsEntry("tidemark.publishes[answer=dropped]", 1.0);
  }

  @Test
  void publish_storeAwayForAWhile_movesUnknownAndRepaired() {
    VersionedCache<String, String> cache =
        cache(registry, options -> options.deadline(Duration.ofMillis(20)));
    unanswered.add("publish");

    assertThat(cache.publish("a", PEAR)).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(moved()).isEqualTo(Map.of("tidemark.publishes[answer=unknown]", 1.0));
    unanswered.clear();

    await().until(() -> sample("tidemark.repairs[outcome=repaired]") == 1);
  }

  @Test
  void close_beforeASlotIsRepaired_movesAbandoned() {
    VersionedCache<String, String> cache =
        cache(registry, options -> options.deadline(Duration.ofMillis(20)));
    unanswered.add("publish");
    cache.publish("a", PEAR);

    cache.close();

    await().until(() -> sample("tidemark.repairs[outcome=abandoned]") == 1);
  }

  /** A source that gives a row, the first time after something else has happened. */
  private Source<String, String> changingMeanwhile(Runnable change, Row<String> row) {
    return key -> {
      source = again -> row;
      change.run();
      return row;
    };
  }

  private VersionedCache<String, String> cache() {
    return cache(registry, options -> options);
  }

  /** A cache of one more process. */
  private VersionedCache<String, String> cache(
      MeterRegistry registry, UnaryOperator<CacheBuilder<String, String>> options) {
    TidemarkMetrics metrics = TidemarkMetrics.create();
    metrics.bindTo(registry);
    CacheBuilder<String, String> builder =
        VersionedCache.<String, String>builder("products")
            .source(key -> source.load(key))
            .store(store)
            .locks(this::tryAcquire)
            .codec(JsonCodec.of(String.class))
            .ttl(TTL)
            .profile(PATIENT)
            .listener(metrics);
    VersionedCache<String, String> cache = options.apply(builder).build();
    caches.add(cache);
    return cache;
  }

  private SlotStore store() {
    return (SlotStore)
        Proxy.newProxyInstance(
            SlotStore.class.getClassLoader(),
            new Class<?>[] {SlotStore.class},
            (proxy, verb, arguments) -> {
              if (unanswered.contains(verb.getName())) {
                throw new OutcomeUnknownException(SLOT, "no reply", null);
              }
              try {
                return verb.invoke(memory, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    if (locksAway) {
      throw new UnavailableException(key, "connection refused", null);
    }
    return localLocks.tryAcquire(key, deadline);
  }

  private LockHandle hold() throws InterruptedException {
    LockAttempt attempt = localLocks.tryAcquire(SLOT, Deadline.after(TTL));
    return ((LockAttempt.Acquired) attempt).handle();
  }

  private static Row<String> loadAfter(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return APPLE;
  }

  private static ConditionFactory await() {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2));
  }

  private Map<String, Double> moved() {
    return Samples.moved(registry);
  }

  private double sample(String name) {
    return sample(registry, name);
  }

  private static double sample(MeterRegistry registry, String name) {
    return Objects.requireNonNull(Samples.of(registry).get(name), name);
  }
}
