package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Loads that the source, or anything else, does not come back from within their bound. */
class HungLoadTest {
  /** By the test's clock; by the machine's, so often is looked at that clock. */
  private static final Duration MAX_LOAD_TIME = Duration.ofMillis(50);

  private static final Duration SOON = Duration.ofMillis(30);

  private final Fleet fleet = new Fleet();

  /** No caller's deadline passes, and no lock's wait. */
  private final PatientTicker ticker = new PatientTicker();

  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger hanging = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Events events = new Events();

  @AfterEach
  void close() {
    end.countDown();
    fleet.close();
  }

  @Test
  void read_sourceHangs_failsAtMaxLoadTimeAndTheNextOneLoads() throws Exception {
    VersionedCache<String, String> cache = cache(options -> options);
    Future<?> first = hang(() -> cache.get("a"));

    assertThatThrownBy(first::get)
        .hasCauseInstanceOf(LoadFailedException.class)
        .hasMessageContaining(
            "test:a: the source has not answered within PT0.05S, which is maxLoadTime: the load was"
                + " given up");
    assertThat(cache.get("a")).hasValue("row 2");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void readAsync_sourceHangs_failsAtMaxLoadTimeAndTheNextOneLoads() throws Exception {
    VersionedCache<String, String> cache = cache(options -> options);
    Future<?> first = hang(() -> cache.getAsync("a").get());

    assertThatThrownBy(first::get).hasRootCauseInstanceOf(LoadFailedException.class);
    assertThat(cache.getAsync("a").get()).hasValue("row 2");
  }

  @Test
  void refresh_sourceHangs_failsAtMaxLoadTimeAndTheNextOneLoads() throws Exception {
    VersionedCache<String, String> cache = cache(options -> options);
    Future<?> first = hang(() -> cache.refresh("a"));

    assertThatThrownBy(first::get).hasCauseInstanceOf(LoadFailedException.class);
    assertThat(cache.refresh("a").value()).hasValue("row 2");
  }

  @Test
  void fallbackLoad_sourceHangs_failsAndGivesItsPlaceBack() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            NO_LOCKS,
            this::load,
            options -> bounded(options).onFallback(FallbackPolicy.LOAD).maxFallbackLoads(1));
    Future<?> first = hang(() -> cache.get("a"));

    assertThatThrownBy(first::get).hasCauseInstanceOf(LoadFailedException.class);
    assertThat(cache.get("a")).hasValue("row 2");
    assertThat(cache.get("b")).hasValue("row 3");
  }

  @Test
  void read_sourceHangsAndMaxLoadsIsOne_theOtherKeysAreLoaded() throws Exception {
    VersionedCache<String, String> cache = cache(options -> options.maxLoads(1));
    Future<?> first = hang(() -> cache.get("a"));

    assertThatThrownBy(first::get).hasCauseInstanceOf(LoadFailedException.class);
    assertThat(cache.get("b")).hasValue("row 2");
  }

  @Test
  void refreshAhead_sourceHangs_isGivenUpAndTriedAgain() throws Exception {
    VersionedCache<String, String> cache =
        cache(
            options ->
                options
                    .ttl(Duration.ofHours(1))
                    .ttlJitter(0)
                    .refreshAhead(RefreshAhead.afterFraction(0.5)));
    cache.get("a");
    fleet.pass(Duration.ofMinutes(40));
    hanging.set(1);
    cache.get("a");
    await().until(() -> loads.get() == 2);
    passTheBound();
    await().until(() -> events.count(CacheEvent.Kind.LOAD_GIVEN_UP) == 1);
    ticker.pass(Duration.ofSeconds(1));

    cache.get("a");
    await().until(() -> events.count(CacheEvent.Kind.REFRESH_STORED) == 1);
    assertThat(cache.get("a")).hasValue("row 3");
  }

  @Test
  void read_sourceHangsAndAValueIsExpired_isServedStale() throws Exception {
    VersionedCache<String, String> cache =
        cache(
            options ->
                options
                    .ttl(Duration.ofSeconds(10))
                    .ttlJitter(0)
                    .grace(Duration.ofHours(1))
                    .failureTtl(Duration.ZERO)
                    .onLoadFailure(LoadFailurePolicy.STALE));
    cache.get("a");
    fleet.pass(Duration.ofSeconds(10));
    hanging.set(1);
    Future<ReadResult<String>> first = fleet.callThatWaits(() -> cache.read("a"));
    await().until(() -> loads.get() == 2);
    passTheBound();

    assertThat(first.get().origin()).isEqualTo(Origin.CACHE_STALE);
    assertThat(cache.get("a")).hasValue("row 3");
  }

  @Test
  void read_replicaHangs_failsAndTheNextOnesAskTheSourceAlone() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    VersionedCache<String, String> cache =
        cache(
            options ->
                options
                    .replicaLag(Duration.ofSeconds(1))
                    .replica(
                        key -> {
                          if (asked.incrementAndGet() == 1) {
                            end.await();
                          }
                          return Row.present("of the replica", 9);
                        }));
    Future<?> first = fleet.call(() -> cache.get("a"));
    await().until(() -> asked.get() == 1);
    passTheBound();

    assertThatThrownBy(first::get)
        .hasCauseInstanceOf(LoadFailedException.class)
        .hasMessageContaining("the replica has not answered within PT0.05S");
    assertThat(cache.get("a")).hasValue("row 1");
    assertThat(cache.get("b")).hasValue("row 2");
    ticker.pass(MAX_LOAD_TIME);
    assertThat(cache.get("c")).hasValue("of the replica");
  }

  /** The first look at the flight finds it waiting for a thread, as on a busy machine. */
  @Test
  void read_threadComesLateAndSourceHangs_failsAtMaxLoadTime() throws Exception {
    CountDownLatch looked = new CountDownLatch(2);
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(1) {
          @Override
          public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            looked.countDown();
            return super.schedule(task, delay, unit);
          }
        };
    ExecutorService threads = Executors.newCachedThreadPool();
    VersionedCache<String, String> cache =
        cache(
            options ->
                options
                    .scheduler(scheduler)
                    .executor(
                        task ->
                            threads.execute(
                                () -> {
                                  awaitUninterruptibly(looked);
                                  task.run();
                                })));
    try {
      Future<?> first = hang(() -> cache.get("a"));

      assertThatThrownBy(first::get).hasCauseInstanceOf(LoadFailedException.class);
      assertThat(cache.get("a")).hasValue("row 2");
    } finally {
      threads.shutdownNow();
      scheduler.shutdownNow();
    }
  }

  /** As a driver that listens to no interrupt. */
  @Test
  void source_answersAfterAll_reachesNeitherTheStoreNorACaller() throws Exception {
    CountDownLatch late = new CountDownLatch(1);
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              Row<String> row = Row.present("row " + loads.incrementAndGet(), loads.get());
              if (loads.get() == 1) {
                awaitUninterruptibly(late);
              }
              return row;
            },
            this::bounded);
    Future<?> first = hang(() -> cache.get("a"));
    assertThatThrownBy(first::get).hasCauseInstanceOf(LoadFailedException.class);
    assertThat(cache.get("a")).hasValue("row 2");
    fleet.store.evict(slotKey("a"));
    late.countDown();
    await().until(() -> events.count(CacheEvent.Kind.GIVEN_UP_LOAD_ENDED) == 1);

    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Empty.class);
    assertThat(cache.get("a")).hasValue("row 3");
  }

  @Test
  void source_answersAfterAllToARefresh_leavesTheEntry() throws Exception {
    CountDownLatch late = new CountDownLatch(1);
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              if (loads.incrementAndGet() == 2) {
                awaitUninterruptibly(late);
              }
              return Row.present("row " + loads.get(), 9);
            },
            this::bounded);
    cache.get("a");
    Future<?> refresh = fleet.callThatWaits(() -> cache.refresh("a"));
    await().until(() -> loads.get() == 2);
    passTheBound();
    assertThatThrownBy(refresh::get).hasCauseInstanceOf(LoadFailedException.class);
    late.countDown();
    await().until(() -> events.count(CacheEvent.Kind.GIVEN_UP_LOAD_ENDED) == 1);

    assertThat(cache.get("a")).hasValue("row 1");
  }

  /** Neither locks nor stores may hang; but where one does, its key is not lost. */
  @Test
  void read_locksHang_failsAndTheNextOneLoads() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    LockProvider locks =
        (key, deadline) -> {
          if (asked.incrementAndGet() == 1) {
            end.await();
          }
          return fleet.locks.tryAcquire(key, deadline);
        };
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, locks, this::load, this::bounded);
    Future<?> first = fleet.callThatWaits(() -> cache.get("a"));
    await().until(() -> asked.get() == 1);
    passTheBound();

    assertThatThrownBy(first::get)
        .hasCauseInstanceOf(UnavailableException.class)
        .hasMessageContaining("has not come as far as to ask the source");
    assertThat(cache.get("a")).hasValue("row 1");
  }

  @Test
  void read_locksThatHungAreHadAfterAll_areGivenBackWithoutALoad() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    LockProvider locks =
        (key, deadline) -> {
          if (asked.incrementAndGet() == 1) {
            awaitUninterruptibly(end);
          }
          return fleet.locks.tryAcquire(key, deadline);
        };
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, locks, this::load, this::bounded);
    Future<?> first = fleet.callThatWaits(() -> cache.get("a"));
    await().until(() -> asked.get() == 1);
    passTheBound();
    assertThatThrownBy(first::get).hasCauseInstanceOf(UnavailableException.class);

    end.countDown();
    await().until(() -> events.count(CacheEvent.Kind.GIVEN_UP_LOAD_ENDED) == 1);
    assertThat(events.count(CacheEvent.Kind.LOCK_RELEASED)).isEqualTo(1);
    assertThat(loads).as("the source is asked for nobody").hasValue(0);
    assertThat(cache.get("a")).hasValue("row 1");
  }

  @Test
  void read_storeHangs_failsAndTheNextOneLoads() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public ClaimAnswer claim(
                  SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
                if (asked.incrementAndGet() == 1) {
                  awaitUninterruptibly(end);
                }
                return super.claim(key, fence, mode, claimLife, floorLife);
              }
            },
            fleet.locks,
            this::load,
            this::bounded);
    Future<?> first = fleet.callThatWaits(() -> cache.get("a"));
    await().until(() -> asked.get() == 1);
    passTheBound();

    assertThatThrownBy(first::get).hasCauseInstanceOf(UnavailableException.class);
    assertThat(cache.get("a")).hasValue("row 1");
  }

  /** Its bound begins with the load, after the first look whether it is late. */
  @Test
  void read_sourceHangsAfterALongWaitForTheLock_failsAtMaxLoadTime() throws Exception {
    AtomicInteger planned = new AtomicInteger();
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(1) {
          @Override
          public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            planned.incrementAndGet();
            return super.schedule(task, delay, unit);
          }
        };
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            this::load,
            options ->
                options
                    .claimLife(SOON)
                    .deadline(PATIENCE)
                    .maxLoadTime(MAX_LOAD_TIME)
                    .scheduler(scheduler)
                    .ticker(ticker)
                    .listener(events));
    LockHandle held =
        ((LockAttempt.Acquired) fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE)))
            .handle();
    hanging.set(1);
    Future<?> reading = fleet.callThatWaits(() -> cache.get("a"));
    await().until(() -> events.count(CacheEvent.Kind.LOCK_WAIT) == 1);
    await().until(() -> planned.get() >= 2);
    held.close();
    await().until(() -> loads.get() == 1);
    passTheBound();

    assertThatThrownBy(() -> reading.get(PATIENCE.toSeconds() / 2, TimeUnit.SECONDS))
        .hasCauseInstanceOf(LoadFailedException.class);
    scheduler.shutdownNow();
  }

  /** Calls, and has the load that it starts hang until its bound has passed. */
  private <T> Future<T> hang(Callable<T> call) {
    hanging.set(1);
    int before = loads.get();
    Future<T> result = fleet.call(call);
    await().until(() -> loads.get() == before + 1);
    passTheBound();
    return result;
  }

  private void passTheBound() {
    // A load that was given its bound just now, and the wait for its lock before.
    ticker.pass(MAX_LOAD_TIME.multipliedBy(3));
  }

  private Row<String> load(String key) throws InterruptedException {
    int number = loads.incrementAndGet();
    if (hanging.getAndDecrement() > 0) {
      end.await();
    }
    return Row.present("row " + number, number);
  }

  private VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(fleet.store, this::load, builder -> options.apply(bounded(builder)));
  }

  /** Time passes as the test says. */
  private CacheBuilder<String, String> bounded(CacheBuilder<String, String> options) {
    return options
        .claimLife(SOON)
        .deadline(PATIENCE)
        .waitLimit(SOON)
        .maxLoadTime(MAX_LOAD_TIME)
        .ticker(ticker)
        .listener(events);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        latch.await();
        done = true;
      } catch (InterruptedException e) {
        // As a driver that listens to no interrupt.
      }
    }
  }
}
