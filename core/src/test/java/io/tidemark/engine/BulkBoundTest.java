package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.tidemark.BulkReadResult;
import io.tidemark.BulkSource;
import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CallOptions;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

/** Loads of many keys that do not come back, or fail as a whole: what each key is told. */
class BulkBoundTest {
  private static final List<String> KEYS = List.of("c", "a", "b");

  /** By the test's clock; by the machine's, so often is looked at that clock. */
  private static final Duration MAX_LOAD_TIME = Duration.ofMillis(50);

  private final Fleet fleet = new Fleet();

  /** No caller's deadline passes. */
  private final PatientTicker ticker = new PatientTicker();

  private final Events events = new Events();
  private final Gate gate = new Gate();

  @AfterEach
  void close() {
    gate.open();
    fleet.close();
  }

  /** Time passes as the test says. */
  private VersionedCache<String, String> cache(
      SlotStore store, BulkSource<String, String> source, FallbackPolicy fallback) {
    return fleet.cache(store, source, options -> bounded(options).onFallback(fallback));
  }

  private CacheBuilder<String, String> bounded(CacheBuilder<String, String> options) {
    return options
        .claimLife(Duration.ofMillis(30))
        .deadline(PATIENCE)
        .maxLoadTime(MAX_LOAD_TIME)
        .ticker(ticker)
        .listener(events);
  }

  private void passTheBound() throws InterruptedException {
    gate.awaitReached();
    ticker.pass(MAX_LOAD_TIME.multipliedBy(3));
  }

  /** Reads all rows, and comes back when the gate is open, whoever interrupts it. */
  private BulkSource<String, String> hangingSource() {
    return BulkSource.of(
        fleet.table,
        keys -> {
          Map<String, Row<String>> rows = new HashMap<>();
          keys.forEach(key -> rows.put(key, Row.present("late " + key, 9)));
          gate.passDespiteInterrupts();
          return rows;
        });
  }

  @ParameterizedTest
  @EnumSource(value = FallbackPolicy.class, names = "STALE", mode = Mode.EXCLUDE)
  void readAll_sourceHangs_isGivenUpWithItsClaimsAndOthersGoOn(FallbackPolicy fallback)
      throws Exception {
    VersionedCache<String, String> cache = cache(fleet.store, hangingSource(), fallback);
    Future<BulkReadResult<String, String>> all = fleet.call(() -> cache.readAll(KEYS));
    passTheBound();

    Map<String, RuntimeException> failures = all.get().failures();
    assertThat(failures.keySet()).containsExactlyElementsOf(KEYS);
    failures.forEach(
        (key, failure) ->
            assertThat(failure)
                .isInstanceOf(LoadFailedException.class)
                .hasMessageStartingWith(
                    "test:" + key + ": the source has not answered within PT0.05S"));
    assertThat(fleet.cache().getAll(KEYS)).as("in another process").hasSize(3);
    assertThat(cache.get("a")).isEmpty();
    gate.open();
    await().until(() -> events.count(Kind.GIVEN_UP_LOAD_ENDED) == 1);

    assertThat(fleet.store.read(slotKey("a")))
        .as("not the late row")
        .isInstanceOf(Slot.Absent.class);
    assertThat(events.of(Kind.LOAD_GIVEN_UP)).hasSize(1);
  }

  @Test
  void readAll_sourceHangsPastTheCache_isGivenUpAndOthersGoOn() throws Exception {
    VersionedCache<String, String> cache =
        cache(new UnreadableStore(fleet.store), hangingSource(), FallbackPolicy.LOAD);
    Future<BulkReadResult<String, String>> all = fleet.call(() -> cache.readAll(KEYS));
    passTheBound();

    all.get()
        .failures()
        .forEach(
            (key, failure) ->
                assertThat(failure)
                    .isInstanceOf(LoadFailedException.class)
                    .hasMessageStartingWith("test:" + key + ": the source has not answered"));
    assertThat(all.get().failures()).hasSize(3);
    assertThat(cache.get("a")).isEmpty();
  }

  static Stream<Rollout> rollouts() {
    return Stream.of(Rollout.on(), Rollout.bypass());
  }

  @ParameterizedTest
  @MethodSource("rollouts")
  void readAll_oneOfManyThatAreReadOneByOneHangs_theOthersGoOn(Rollout rollout) throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            BulkSource.of(
                key -> {
                  if (key.equals("c")) {
                    gate.passDespiteInterrupts();
                  }
                  return Row.absent();
                },
                keys -> {
                  throw new IllegalStateException("only one by one");
                }),
            options -> bounded(options).rollout(rollout));
    Future<BulkReadResult<String, String>> all = fleet.call(() -> cache.readAll(KEYS));
    passTheBound();

    assertThat(all.get().failures()).containsOnlyKeys("c");
    assertThat(all.get().failures().get("c"))
        .isInstanceOf(LoadFailedException.class)
        .hasMessageStartingWith("test:c: the source has not answered");
    assertThat(all.get().results()).containsOnlyKeys("a", "b");
  }

  @Test
  void readAll_sourceHangsWhileAnotherProcessHasAKey_thatGoesOn() throws Exception {
    fleet.store.claim(
        slotKey("a"), 1, ClaimMode.UNLESS_PRESENT, Duration.ofHours(1), Duration.ZERO);
    VersionedCache<String, String> cache = cache(fleet.store, hangingSource(), FallbackPolicy.FAIL);
    Future<BulkReadResult<String, String>> all = fleet.call(() -> cache.readAll(KEYS));
    passTheBound();
    fleet.store.abandon(slotKey("a"), 1);

    assertThat(all.get().failures()).containsOnlyKeys("c", "b");
    assertThat(all.get().failures().get("c"))
        .hasMessageStartingWith("test:c: the source has not answered");
    assertThat(all.get().results()).containsOnlyKeys("a");
  }

  /** As on a busy machine, where the wait is told to be over once the flights have failed, too. */
  @Test
  void readAll_flightsFailByTheWaitLimitBeforeItIsTold_fallsBackOnce() {
    KEYS.forEach(
        key ->
            fleet.store.claim(
                slotKey(key), 1, ClaimMode.UNLESS_PRESENT, Duration.ofHours(1), Duration.ZERO));
    AtomicInteger runs = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            BulkSource.of(fleet.table, keys -> Map.of()),
            options ->
                options
                    .waitLimit(Duration.ofSeconds(1))
                    .onFallback(FallbackPolicy.LOAD)
                    .ticker(new LateTicker(Duration.ofSeconds(2), gate))
                    .executor(
                        task -> {
                          Future<?> unused =
                              fleet.call(
                                  () -> {
                                    // None has come to the source when the wait is told to be over.
                                    if (runs.incrementAndGet() > 1) {
                                      gate.pass();
                                    }
                                    task.run();
                                    return null;
                                  });
                        }));

    BulkReadResult<String, String> result = cache.readAll(KEYS);

    assertThat(result.failures()).isEmpty();
    assertThat(result.results().values())
        .allSatisfy(one -> assertThat(one.origin()).isEqualTo(Origin.SOURCE_FALLBACK));
  }

  /** Tells its first caller that the time is up when that has come, and its future is done. */
  private static final class LateTicker implements Ticker {
    private final Duration time;
    private final Gate gate;
    private final AtomicLong nanos = new AtomicLong();

    /**
     * Stands still.
     *
     * @param time passes as soon as somebody waits
     * @param gate is opened when somebody waits again
     */
    LateTicker(Duration time, Gate gate) {
      this.time = time;
      this.gate = gate;
    }

    @Override
    public long nanos() {
      return nanos.get();
    }

    @Override
    public <T> T await(CompletableFuture<T> future, long ignored)
        throws InterruptedException, ExecutionException, TimeoutException {
      if (nanos.compareAndSet(0, time.toNanos())) {
        Patience.await().until(future::isDone);
        throw new TimeoutException();
      }
      gate.open();
      return future.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Of a load that hangs, waits that are over must not pile up. */
  @Test
  void readAll_callIsOverWhileItsLoadHangs_isForgotten() throws Exception {
    VersionedCache<Long, String> cache =
        VersionedCache.<Long, String>builder("numbers")
            .profile(Fleet.PATIENT)
            .source(
                BulkSource.of(
                    key -> Row.absent(),
                    keys -> {
                      gate.passDespiteInterrupts();
                      return Map.of();
                    }))
            .store(fleet.store)
            .locks(fleet.locks)
            .codec(new StringCodec())
            .build();
    try (cache) {
      Future<?> first = fleet.call(() -> cache.getAll(List.of(1_000L, 2_000L)));
      gate.awaitReached();
      List<WeakReference<Long>> left =
          List.of(
              readInVain(
                  key -> {
                    VersionedCache<Long, String> hurried =
                        cache.with(CallOptions.none().deadline(Duration.ofMillis(50)));
                    assertThat(hurried.readAll(List.of(key, 2_000L)).failures()).hasSize(2);
                  }),
              readInVain(key -> cache.readAllAsync(List.of(key, 2_000L)).cancel(false)));

      await()
          .until(
              () -> {
                System.gc();
                return left.stream().allMatch(key -> key.refersTo(null));
              });
      gate.open();
      first.get();
    }
  }

  /** Reads a key of which there is no other object. */
  private static WeakReference<Long> readInVain(Consumer<Long> read) {
    Long key = Long.parseLong("1000");
    read.accept(key);
    return new WeakReference<>(key);
  }

  static Stream<TidemarkException> failuresOfOne() {
    SlotKey key = slotKey("c");
    return Stream.of(
        new UnavailableException(key, "away", null),
        new RefusedException(key, "no permission", null),
        new OutcomeUnknownException(key, "no answer", null),
        new LoadFailedException(key, "the source failed", null));
  }

  /** No store should do that. */
  @ParameterizedTest
  @MethodSource("failuresOfOne")
  void readAll_storeFailsAsAWholeForOneKey_noOtherIsBlamed(TidemarkException failure) {
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<ClaimAnswer>> claimAll(
                  List<SlotKey> keys,
                  long fence,
                  ClaimMode mode,
                  Duration claimLife,
                  Duration floorLife) {
                throw failure;
              }
            },
            BulkSource.of(fleet.table, keys -> Map.of()),
            options -> options);

    Map<String, RuntimeException> failures = cache.readAll(KEYS).failures();

    assertThat(failures.keySet()).containsExactlyElementsOf(KEYS);
    failures.forEach(
        (key, thrown) ->
            assertThat(thrown)
                .hasMessage("test:" + key + ": " + failure.withoutKey())
                .isInstanceOfSatisfying(
                    TidemarkException.class, e -> assertThat(e.key()).contains(slotKey(key))));
  }

  @Test
  void readAll_storeFailsForOneOfManyThatAreLoadedOneByOne_failsForItself() {
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<ClaimAnswer>> claimAll(
                  List<SlotKey> keys,
                  long fence,
                  ClaimMode mode,
                  Duration claimLife,
                  Duration floorLife) {
                if (keys.equals(List.of(slotKey("k0")))) {
                  throw new IllegalStateException("a defect");
                }
                return fleet.store.claimAll(keys, fence, mode, claimLife, floorLife);
              }
            },
            key -> Row.present("row " + key, 1),
            options -> options);
    // Twice as many as are loaded side by side.
    List<String> keys = Stream.iterate(0, i -> i + 1).limit(16).map(i -> "k" + i).toList();

    BulkReadResult<String, String> result = cache.readAll(keys);

    assertThat(result.failures()).containsOnlyKeys("k0");
    assertThat(result.results()).hasSize(15);
    assertThat(cache.getAll(List.of("k1", "k2")))
        .containsExactly(entry("k1", Optional.of("row k1")), entry("k2", Optional.of("row k2")));
  }
}
