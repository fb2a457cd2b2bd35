package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WaitStrategy;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WaitStrategyTest {
  private static final LockAttempt.Holder UNWATCHED =
      deadline -> {
        throw new AssertionError("who polls must not watch the holder");
      };

  private final ManualTicker ticker = new ManualTicker();
  private final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void exponentialBackoff_withoutChance_doublesUpToItsLongest() throws Exception {
    pause(WaitStrategy.exponentialBackoff(), 6, new FixedChance(0));

    assertThat(ticker.sleeps()).isEqualTo(millis(100, 200, 400, 800, 1600, 1600));
  }

  @Test
  void exponentialBackoff_mostChance_takesOffAHalf() throws Exception {
    pause(WaitStrategy.exponentialBackoff(), 6, new FixedChance(1));

    assertThat(ticker.sleeps()).isEqualTo(millis(50, 100, 200, 400, 800, 800));
  }

  @Test
  void exponentialBackoff_anyChance_isBetweenAHalfAndTheWhole() throws Exception {
    Random random = new Random(42);
    for (int i = 0; i < 200; i++) {
      pause(WaitStrategy.exponentialBackoff(), 1, random);
    }

    assertThat(ticker.sleeps())
        .allSatisfy(
            pause -> assertThat(pause).isBetween(Duration.ofMillis(50), Duration.ofMillis(100)));
    assertThat(ticker.sleeps().stream().distinct().count()).isGreaterThan(100);
  }

  @Test
  void exponentialBackoff_afterVeryManyRounds_staysAtItsLongest() throws Exception {
    WaitStrategy strategy = WaitStrategy.exponentialBackoff();

    assertThat(
            LockWait.await(
                strategy, UNWATCHED, 100_000, in(Duration.ofDays(1)), new FixedChance(0)))
        .isTrue();
    assertThat(ticker.sleeps()).isEqualTo(millis(1600));
  }

  @Test
  void fixedInterval_anyChance_isAlwaysTheSame() throws Exception {
    pause(WaitStrategy.fixedInterval(Duration.ofMillis(500)), 3, new FixedChance(0.7));

    assertThat(ticker.sleeps()).isEqualTo(millis(500, 500, 500));
  }

  @Test
  void polling_deadlineBeforeThePauseIsOver_endsAtTheDeadline() throws Exception {
    WaitStrategy strategy = WaitStrategy.fixedInterval(Duration.ofMillis(500));
    Deadline deadline = in(Duration.ofMillis(700));

    LockWait.await(strategy, UNWATCHED, 0, deadline, new FixedChance(0));
    LockWait.await(strategy, UNWATCHED, 1, deadline, new FixedChance(0));

    assertThat(ticker.sleeps()).isEqualTo(millis(500, 200));
    assertThat(LockWait.await(strategy, UNWATCHED, 2, deadline, new FixedChance(0))).isFalse();
  }

  @Test
  void eventDriven_always_asksTheHolderAndNeverSleeps() throws Exception {
    WaitStrategy strategy = WaitStrategy.eventDriven();

    assertThat(LockWait.await(strategy, deadline -> true, 0, in(Duration.ZERO), new FixedChance(0)))
        .isTrue();
    assertThat(
            LockWait.await(strategy, deadline -> false, 0, in(Duration.ZERO), new FixedChance(0)))
        .isFalse();
    assertThat(ticker.sleeps()).isEmpty();
  }

  static List<ThrowingCallable> badValues() {
    return List.of(
        () -> WaitStrategy.fixedInterval(Duration.ZERO),
        () -> WaitStrategy.exponentialBackoff(Duration.ZERO, Duration.ofSeconds(1), 0),
        () -> WaitStrategy.exponentialBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1), 0),
        () -> WaitStrategy.exponentialBackoff(Duration.ofSeconds(1), Duration.ofSeconds(1), 0.91),
        () -> WaitStrategy.exponentialBackoff(Duration.ofSeconds(1), Duration.ofSeconds(1), -0.1));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void strategy_badValue_isRefusedWithTheRule(ThrowingCallable bad) {
    assertThatThrownBy(bad)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("\\w+ is \\S+; it must be .+");
  }

  @Test
  void polling_holderFills_findsTheValueWithoutALoad() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> first = fleet.cacheOf(gate.before(Row.present("apple", 1)));
    VersionedCache<String, String> second = polling();
    Future<ReadResult<String>> loading = fleet.call(() -> first.read("a"));
    gate.awaitReached();
    Future<ReadResult<String>> waiting = fleet.call(() -> second.read("a"));
    await().until(() -> second.stats().lockWaited() >= 2);
    gate.open();

    assertThat(waiting.get().value()).hasValue("apple");
    assertThat(waiting.get().origin()).isEqualTo(Origin.CACHE_AFTER_WAIT);
    assertThat(loading.get().origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(second.stats().loads()).isZero();
  }

  @Test
  void polling_holderCrashes_takesItsLockOver() throws Exception {
    fleet.table.put("a", "apple", 1);
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    VersionedCache<String, String> cache = polling();
    Future<ReadResult<String>> waiting = fleet.call(() -> cache.read("a"));
    await().until(() -> cache.stats().lockWaited() >= 2);

    // To whoever polls, a crash looks like a lock that was given back.
    ((LockAttempt.Acquired) held).handle().close();

    assertThat(waiting.get().origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
  }

  @Test
  void polling_holderStaysPastTheWaitLimit_timesOut() throws Exception {
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .ticker(ticker)
                    .waitStrategy(WaitStrategy.exponentialBackoff())
                    .random(new FixedChance(0))
                    .waitLimit(Duration.ofSeconds(1)));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("somebody else has loaded or written it for PT1S");
    assertThat(ticker.sleeps()).isEqualTo(millis(100, 200, 400, 300));
    ((LockAttempt.Acquired) held).handle().close();
  }

  @Test
  void read_holderIsNamedByTheLockService_namesItAtTheWaitLimit() {
    LockAttempt.Holder named =
        new LockAttempt.Holder() {
          @Override
          public boolean awaitGone(Deadline deadline) {
            return false;
          }

          @Override
          public Optional<String> who() {
            return Optional.of("node 7");
          }
        };
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            (key, deadline) -> new LockAttempt.Held(named),
            fleet.table,
            options -> options.waitLimit(Duration.ofSeconds(1)));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage(
            "test:a: somebody else has loaded or written it for PT1S; its lock was held by node 7");
  }

  /** A lock service is not asked any more once the time for it is over. */
  @Test
  void polling_waitLimitPassesInAPause_asksTheLockServiceNoMore() throws Exception {
    LockProvider neverInTime =
        (key, deadline) -> {
          if (deadline.hasPassed()) {
            throw new UnavailableException(key, "no answer in time", null);
          }
          return new LockAttempt.Held(UNWATCHED);
        };
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            neverInTime,
            fleet.table,
            options ->
                options
                    .ticker(ticker)
                    .waitStrategy(WaitStrategy.fixedInterval(Duration.ofMillis(300)))
                    .waitLimit(Duration.ofSeconds(1)));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(DeadlineExceededException.class);
    assertThat(cache.stats().lockTimedOut()).isEqualTo(1);
  }

  /** A cache that polls every few milliseconds, and must not watch a holder. */
  private VersionedCache<String, String> polling() {
    LockProvider unwatched =
        (key, deadline) ->
            fleet.locks.tryAcquire(key, deadline) instanceof LockAttempt.Acquired acquired
                ? acquired
                : new LockAttempt.Held(UNWATCHED);
    return fleet.cache(
        fleet.store,
        unwatched,
        fleet.table,
        options -> options.waitStrategy(WaitStrategy.fixedInterval(Duration.ofMillis(2))));
  }

  private void pause(WaitStrategy strategy, int rounds, RandomGenerator random) throws Exception {
    for (int round = 0; round < rounds; round++) {
      assertThat(LockWait.await(strategy, UNWATCHED, round, in(Duration.ofDays(1)), random))
          .isTrue();
    }
  }

  private Deadline in(Duration time) {
    return Deadline.after(time, ticker);
  }

  private static List<Duration> millis(int... millis) {
    return Arrays.stream(millis).mapToObj(Duration::ofMillis).toList();
  }
}
