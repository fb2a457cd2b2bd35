package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheClosedException;
import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.LoadProfile;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CallOptionsTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  static List<CallOptions> needGrace() {
    return List.of(
        CallOptions.none().onFallback(FallbackPolicy.STALE),
        CallOptions.none().onLoadFailure(LoadFailurePolicy.STALE),
        CallOptions.none().softTimeout(SHORT));
  }

  @ParameterizedTest
  @MethodSource("needGrace")
  void with_staleValuesAndNoGrace_isRefusedWithTheRule(CallOptions options) {
    assertThatThrownBy(() -> fleet.cache().with(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "\\w+ is (STALE|PT0.05S) and grace is PT0S;"
                + " to serve expired values the grace must be above zero");
  }

  @ParameterizedTest
  @MethodSource("needGrace")
  void with_staleValuesAndGrace_isAccepted(CallOptions options) {
    VersionedCache<String, String> cache = fleet.cache(builder -> builder.grace(LONG));

    assertThat(cache.with(options).name()).isEqualTo("test");
  }

  @Test
  void options_badValue_isRefusedWhereItIsSet() {
    assertThatThrownBy(() -> CallOptions.none().deadline(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("deadline is PT0S; it must be 1 ms");
    assertThatThrownBy(() -> CallOptions.none().softTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("softTimeout is PT0S; it must be 1 ms");
  }

  @Test
  void with_softTimeoutNotBelowTheDeadline_isRefused() {
    VersionedCache<String, String> cache = fleet.cache(builder -> builder.grace(LONG));

    assertThatThrownBy(() -> cache.with(CallOptions.none().softTimeout(Fleet.PATIENT.deadline())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("softTimeout is PT5M; it must be below the deadline, PT5M");
  }

  @Test
  void options_appliedTwice_keepWhatTheSecondDoNotChange() {
    Terms terms =
        new Terms(
            LoadProfile.NORMAL,
            Duration.ofSeconds(3),
            null,
            FallbackPolicy.FAIL,
            LoadFailurePolicy.FAIL);
    Terms other =
        terms
            .with(CallOptions.none().profile(LoadProfile.SLOW).deadline(LONG))
            .with(CallOptions.none().onFallback(FallbackPolicy.LOAD));

    assertThat(terms.with(CallOptions.none())).isEqualTo(terms);
    assertThat(other)
        .isEqualTo(
            new Terms(
                new LoadProfile(LoadProfile.SLOW.claimLife(), LONG, LoadProfile.SLOW.maxLoadTime()),
                Duration.ofSeconds(16),
                null,
                FallbackPolicy.LOAD,
                LoadFailurePolicy.FAIL));
  }

  @Test
  void with_fallbackPolicy_appliesToThoseCallsOnly() throws Exception {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache =
        fleet.cache(
            builder ->
                builder
                    .waitLimit(SHORT)
                    .grace(LONG)
                    .ttl(LONG)
                    .ttlJitter(0)
                    .ticker(ticker)
                    .listener(ticker.passingInWaitsForLocks(SHORT)));
    fleet.table.put("a", "apple", 1);
    fleet.cache(builder -> builder.grace(LONG).ttl(LONG).ttlJitter(0)).get("a");
    fleet.pass(LONG);
    try (LockHandle held = lock("a")) {
      assertThat(held.fence()).isPositive();
      assertThatThrownBy(() -> cache.get("a")).isInstanceOf(DeadlineExceededException.class);
      assertThat(cache.with(CallOptions.none().onFallback(FallbackPolicy.LOAD)).read("a").origin())
          .isEqualTo(Origin.SOURCE_FALLBACK);
      assertThat(cache.with(CallOptions.none().onFallback(FallbackPolicy.STALE)).read("a").origin())
          .isEqualTo(Origin.CACHE_STALE);
      assertThatThrownBy(() -> cache.get("a")).isInstanceOf(DeadlineExceededException.class);
    }
  }

  @Test
  void close_ofAnyView_closesTheCache() {
    VersionedCache<String, String> cache = fleet.cache();
    cache.with(CallOptions.none().deadline(SHORT)).close();

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheClosedException.class);
  }

  @Test
  void deadline_impatientCallerJoinsAPatientOnesFlight_timesOutAlone() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> patient =
        fleet.cache(
            fleet.store,
            gate.before(Row.present("apple", 1)),
            // By a clock that stands still, no call is too late to join.
            builder -> builder.ticker(() -> 0));
    Future<ReadResult<String>> first = fleet.callThatWaits(() -> patient.read("a"));

    assertThatThrownBy(() -> patient.with(CallOptions.none().deadline(SHORT)).get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage("test:a: not loaded within PT0.05S; the load goes on");
    assertThat(first.isDone()).isFalse();
    gate.open();
    assertThat(first.get().value()).hasValue("apple");
    assertThat(patient.stats().loads()).isEqualTo(1);
  }

  @Test
  void deadline_patientCallerJoinsAnImpatientOnesFlight_goesOnToItsOwn() throws Exception {
    ManualTicker ticker = new ManualTicker();
    Gate gate = new Gate();
    VersionedCache<String, String> patient =
        fleet.cache(
            fleet.store,
            heldUntilTheDeadlineAtFirst(gate),
            fleet.table,
            builder -> builder.ticker(ticker));
    fleet.table.put("a", "apple", 1);
    CallOptions impatient = CallOptions.none().deadline(SHORT);
    Future<ReadResult<String>> first = fleet.call(() -> patient.with(impatient).read("a"));
    gate.awaitReached();
    Future<ReadResult<String>> joined = fleet.callThatWaits(() -> patient.read("a"));

    ticker.pass(SHORT);
    gate.open();

    assertThatThrownBy(first::get).hasCauseInstanceOf(DeadlineExceededException.class);
    assertThat(joined.get().value()).hasValue("apple");
    assertThat(joined.get().origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
  }

  @Test
  void profile_ofTheCallThatStartsTheLoad_isTheClaims() {
    Duration ownLife = Duration.ofSeconds(7);
    List<Duration> lives = new CopyOnWriteArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public ClaimAnswer claim(
                  SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
                lives.add(claimLife);
                return super.claim(key, fence, mode, claimLife, floorLife);
              }
            },
            fleet.table,
            builder -> builder.claimLife(ownLife));
    cache.get("a");
    cache.with(CallOptions.none().profile(LoadProfile.SLOW)).get("b");
    cache.with(CallOptions.none().profile(LoadProfile.SLOW)).update("c", Row::absent);

    assertThat(lives)
        .containsExactly(ownLife, LoadProfile.SLOW.claimLife(), LoadProfile.SLOW.claimLife());
  }

  /** The first to ask waits for a holder at the gate, in vain; later ones have the lock at once. */
  private LockProvider heldUntilTheDeadlineAtFirst(Gate gate) {
    AtomicBoolean asked = new AtomicBoolean();
    return (key, deadline) ->
        asked.compareAndSet(false, true)
            ? new LockAttempt.Held(
                waitLimit -> {
                  gate.pass();
                  return false;
                })
            : fleet.locks.tryAcquire(key, deadline);
  }

  private LockHandle lock(String key) throws InterruptedException {
    return ((LockAttempt.Acquired) fleet.locks.tryAcquire(slotKey(key), Deadline.after(PATIENCE)))
        .handle();
  }
}
