package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent;
import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.InvalidVersionException;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a read does when the source fails or is slow, and an expired value is there. */
class LoadFailureTest {
  private static final Duration TTL = Duration.ofSeconds(10);

  private final Fleet fleet = new Fleet();
  private final ManualTicker ticker = new ManualTicker();
  private final AtomicBoolean down = new AtomicBoolean();
  private final AtomicInteger asked = new AtomicInteger();
  private final Gate gate = new Gate();

  @AfterEach
  void close() {
    gate.open();
    fleet.close();
  }

  @Test
  void stale_sourceFails_servesTheExpiredValueMarkedStale() {
    VersionedCache<String, String> cache = expiredEntry(LoadFailureTest::stale);
    down.set(true);

    ReadResult<String> result = cache.read("a");

    assertThat(result.value()).hasValue("old");
    assertThat(result.version()).hasValue(1);
    assertThat(result.origin()).isEqualTo(Origin.CACHE_STALE);
  }

  @Test
  void stale_sourceFailsAndNothingIsExpired_throws() {
    VersionedCache<String, String> cache = cache(options -> stale(keeping(options)));
    down.set(true);

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);
  }

  @Test
  void fail_sourceFailsAndAValueIsExpired_throws() {
    VersionedCache<String, String> cache = expiredEntry(options -> options);
    down.set(true);

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);
    assertThat(
            cache
                .with(CallOptions.none().onLoadFailure(LoadFailurePolicy.STALE))
                .read("a")
                .origin())
        .as("as this call has it")
        .isEqualTo(Origin.CACHE_STALE);
  }

  @Test
  void stale_sourceHangsPastTheDeadline_servesTheExpiredValue() throws Exception {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "timer"));
    Thread test = Thread.currentThread();
    VersionedCache<String, String> cache =
        expiredEntry(
            options ->
                stale(options)
                    .deadline(millis(200))
                    .waitLimit(millis(100))
                    // By it, the load is never too late to begin.
                    .ticker(ticker)
                    .scheduler(timer)
                    // No thread is waited for, so one is always free in time.
                    .executor(task -> runAtOnceOnTheTimerAnd(test, task)));
    Future<ReadResult<String>> result = fleet.call(() -> cache.read("a"));
    gate.awaitReached();

    assertThat(result.get().origin()).isEqualTo(Origin.CACHE_STALE);
    assertThat(cache.readAsync("a").get().origin()).isEqualTo(Origin.CACHE_STALE);
    gate.open();
    await().until(() -> cache.read("a").origin() == Origin.CACHE);
    assertThat(cache.get("a")).hasValue("new");
    timer.shutdownNow();
  }

  private static void runAtOnceOnTheTimerAnd(Thread test, Runnable task) {
    Thread current = Thread.currentThread();
    if (current.equals(test) || current.getName().equals("timer")) {
      task.run();
    } else {
      new Thread(task).start();
    }
  }

  /** What was young enough when the read began is too old when it is to be served. */
  @Test
  void stale_graceIsOverBeforeTheSourceFails_throws() throws Exception {
    expiredEntry(options -> options);
    fleet.pass(Duration.ofSeconds(40));
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              gate.pass();
              throw new IllegalStateException("database on fire");
            },
            options -> stale(keeping(options)).failureTtl(Duration.ZERO).ticker(ticker));
    Future<ReadResult<String>> tooLate = fleet.call(() -> cache.read("a"));
    gate.awaitReached();
    ticker.pass(Duration.ofSeconds(20));
    gate.open();

    assertThatThrownBy(tooLate::get).hasCauseInstanceOf(LoadFailedException.class);
    assertThat(cache.read("a").origin())
        .as("by the store's clock, which has not gone on")
        .isEqualTo(Origin.CACHE_STALE);
  }

  @Test
  void softTimeout_graceIsOverByThen_waitsForTheLoad() {
    AtomicBoolean softTimeoutIsOver = new AtomicBoolean();
    Ticker atOnce =
        new Ticker() {
          @Override
          public long nanos() {
            return ticker.nanos();
          }

          @Override
          public <T> T await(CompletableFuture<T> future, long nanos)
              throws InterruptedException, ExecutionException, TimeoutException {
            if (softTimeoutIsOver.compareAndSet(false, true)) {
              ticker.pass(millis(20));
              throw new TimeoutException();
            }
            return future.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
          }
        };
    VersionedCache<String, String> cache =
        expiredEntry(options -> options.softTimeout(millis(20)).ticker(atOnce));
    fleet.pass(Duration.ofSeconds(60).minusMillis(20));
    gate.open();

    assertThat(cache.read("a").value()).hasValue("new");
    assertThat(softTimeoutIsOver).isTrue();
  }

  @Test
  void softTimeout_loadIsSlow_servesTheExpiredValueAndTheLoadFills() throws Exception {
    VersionedCache<String, String> cache =
        expiredEntry(options -> options.softTimeout(millis(20)).deadline(Duration.ofMinutes(10)));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE_STALE);
    assertThat(cache.readAsync("a").get().origin()).isEqualTo(Origin.CACHE_STALE);
    gate.open();
    await().until(() -> cache.read("a").origin() == Origin.CACHE);
    assertThat(cache.get("a")).hasValue("new");
    assertThat(asked).hasValue(1);
  }

  @Test
  void softTimeout_loadIsQuick_servesTheLoad() {
    gate.open();
    VersionedCache<String, String> cache =
        expiredEntry(options -> options.softTimeout(Duration.ofSeconds(4)).ticker(ticker));

    assertThat(cache.read("a").value()).hasValue("new");
  }

  @Test
  void softTimeout_nothingIsExpired_waitsForTheHardDeadline() {
    VersionedCache<String, String> cache =
        cache(
            options ->
                options.softTimeout(millis(20)).deadline(millis(200)).grace(TTL).ticker(() -> 0));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("not loaded within PT0.2S");
  }

  /** It took the store longer to show the expired value than the caller was ready to wait. */
  @Test
  void softTimeout_passedBeforeTheLoadBegan_servesTheExpiredValueAtOnce() {
    fleet.table.put("a", "old", 1);
    expiredEntry(options -> options);
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public Slot read(SlotKey key) {
                ticker.pass(millis(30));
                return super.read(key);
              }
            },
            this::load,
            options ->
                keeping(options)
                    .ticker(ticker)
                    .softTimeout(millis(20))
                    .deadline(Duration.ofMinutes(10)));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE_STALE);
    gate.open();
    await().until(() -> cache.read("a").origin() == Origin.CACHE);
  }

  @Test
  void failureTtl_sourceFails_asksItOnceForEachKeyUntilItIsOver() {
    VersionedCache<String, String> cache = failing(Duration.ofSeconds(1));
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> cache.get("a"))
          .isInstanceOf(LoadFailedException.class)
          .hasRootCauseMessage("database on fire");
    }
    assertThat(asked).hasValue(1);
    assertThatThrownBy(() -> cache.get("b")).isInstanceOf(LoadFailedException.class);
    assertThat(asked).as("another key").hasValue(2);

    ticker.pass(Duration.ofSeconds(1));
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);
    assertThat(asked).hasValue(3);
  }

  @Test
  void failureTtl_remembered_saysSo() {
    VersionedCache<String, String> cache = failing(Duration.ofSeconds(1));
    assertThatThrownBy(() -> cache.get("a")).hasMessage("test:a: the source failed");

    assertThatThrownBy(() -> cache.get("a"))
        .hasMessage("test:a: the source failed, and is not asked again for PT1S");
  }

  /** What a caller has to do about it has not changed. */
  @Test
  void failureTtl_remembered_isOfTheTypeThatItHad() {
    for (Throwable failure :
        List.of(
            new IllegalStateException("on fire"),
            new InvalidVersionException(null, "version is infinity", null),
            new NoClassDefFoundError("a driver's"))) {
      String key = failure.getClass().getSimpleName();
      VersionedCache<String, String> cache =
          fleet.cache(
              fleet.store,
              any -> {
                asked.incrementAndGet();
                if (failure instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) failure;
              },
              options -> options.failureTtl(Duration.ofSeconds(1)).ticker(ticker));
      asked.set(0);
      Throwable first = catchThrowable(() -> cache.get(key));
      Throwable second = catchThrowable(() -> cache.get(key));

      assertThat(second).hasSameClassAs(first);
      assertThat(second.getCause()).isSameAs(first.getCause());
      assertThat(asked).as(key).hasValue(1);
    }
  }

  @Test
  void failureTtl_versionIsNegative_isRememberedToo() {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              asked.incrementAndGet();
              return Row.present("apple", -1);
            },
            options -> options.failureTtl(Duration.ofSeconds(1)).ticker(ticker));
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(InvalidVersionException.class);
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(InvalidVersionException.class);

    assertThat(asked).hasValue(1);
  }

  @Test
  void replica_fails_asksTheSourceAndRemembersNoFailure() {
    for (Throwable failure :
        List.of(new IllegalStateException("down"), new NoClassDefFoundError("a driver's"))) {
      String key = failure.getClass().getSimpleName();
      fleet.table.put(key, "apple", 1);
      VersionedCache<String, String> cache =
          fleet.cache(
              options ->
                  options
                      .replicaLag(Duration.ofSeconds(1))
                      .failureTtl(Duration.ofHours(1))
                      .replica(
                          any -> {
                            if (failure instanceof Error error) {
                              throw error;
                            }
                            throw (Exception) failure;
                          }));

      assertThat(cache.get(key)).hasValue("apple");
      assertThat(cache.read(key).origin()).isEqualTo(Origin.CACHE);
      cache.invalidate(key);
      assertThat(cache.get(key)).hasValue("apple");
    }
  }

  @Test
  void replica_givesARowThatBreaksARule_asksTheSource() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .replicaLag(Duration.ofSeconds(1))
                    .replica(key -> Row.present("broken", -1)));

    assertThat(cache.get("a")).hasValue("apple");
  }

  @Test
  void failureTtl_refresh_asksAllTheSameAndItsSuccessIsRemembered() {
    VersionedCache<String, String> cache = failing(Duration.ofHours(1));
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);
    assertThatThrownBy(() -> cache.refresh("a")).isInstanceOf(LoadFailedException.class);
    assertThat(asked).hasValue(2);
    down.set(false);

    assertThat(cache.refresh("a").value()).hasValue("new");
    cache.invalidate("a");
    assertThat(cache.get("a")).as("a success is no failure").hasValue("new");
  }

  @Test
  void failureTtl_zero_asksEachTime() {
    VersionedCache<String, String> cache = failing(Duration.ZERO);
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);

    assertThat(asked).hasValue(2);
  }

  @Test
  void failureTtl_manyCallersOfADeadSource_areServedStaleAndAskItOnce() throws Exception {
    VersionedCache<String, String> cache = expiredEntry(options -> stale(options).ticker(ticker));
    down.set(true);
    List<Future<ReadResult<String>>> results = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      results.add(fleet.call(() -> cache.read("a")));
    }

    for (Future<ReadResult<String>> result : results) {
      assertThat(result.get().origin()).isEqualTo(Origin.CACHE_STALE);
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void failureTtl_fallbackLoads_areSparedToo() {
    down.set(true);
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            NO_LOCKS,
            this::load,
            options ->
                options
                    .onFallback(FallbackPolicy.LOAD)
                    .failureTtl(Duration.ofSeconds(1))
                    .ticker(ticker));
    gate.open();
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);

    assertThat(asked).hasValue(1);
  }

  @Test
  void source_throwsAnError_theFailureIsToldLikeAnyOther() {
    Events events = new Events();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              throw new AssertionError("broken driver");
            },
            options -> options.listener(events));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(AssertionError.class);
    assertThat(events.count(CacheEvent.Kind.LOAD_FAILED)).isEqualTo(1);
    assertThat(events.count(CacheEvent.Kind.READ_FAILED)).isEqualTo(1);
  }

  /** A cache on a source that fails, whose clock is the test's. */
  private VersionedCache<String, String> failing(Duration failureTtl) {
    down.set(true);
    gate.open();
    return cache(options -> options.failureTtl(failureTtl).ticker(ticker));
  }

  /** A cache whose entry "a" has expired, and is kept. */
  private VersionedCache<String, String> expiredEntry(
      UnaryOperator<CacheBuilder<String, String>> options) {
    fleet.table.put("a", "old", 1);
    fleet.cache(LoadFailureTest::keeping).get("a");
    fleet.pass(TTL);
    return cache(more -> options.apply(keeping(more)));
  }

  private VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(fleet.store, this::load, options);
  }

  private Row<String> load(String key) throws InterruptedException {
    asked.incrementAndGet();
    if (down.get()) {
      throw new IllegalStateException("database on fire");
    }
    gate.pass();
    return Row.present("new", 2);
  }

  private static CacheBuilder<String, String> keeping(CacheBuilder<String, String> options) {
    return options.ttl(TTL).ttlJitter(0).grace(Duration.ofSeconds(60));
  }

  private static CacheBuilder<String, String> stale(CacheBuilder<String, String> options) {
    return options.onLoadFailure(LoadFailurePolicy.STALE);
  }

  private static Duration millis(int millis) {
    return Duration.ofMillis(millis);
  }
}
