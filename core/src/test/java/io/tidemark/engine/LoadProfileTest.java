package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadProfile;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The values of profiles, and loads that take longer than theirs allows. */
class LoadProfileTest {
  private static final Duration CLAIM_LIFE = Duration.ofMillis(30);
  private static final Duration MAX_LOAD_TIME = Duration.ofMillis(200);

  private final Fleet fleet = new Fleet();

  /** The deadline passes by it, and not because the machine is slow. */
  private final PatientTicker ticker = new PatientTicker();

  private final Gate gate = new Gate();
  private final AtomicInteger loads = new AtomicInteger();
  private final Events events = new Events();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void profile_badValue_isRefusedWithTheRule() {
    Duration second = Duration.ofSeconds(1);

    assertThatThrownBy(() -> new LoadProfile(Duration.ofMillis(29), second, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("claimLife is PT0.029S; it must be 30 ms or more");
    assertThatThrownBy(() -> new LoadProfile(second, Duration.ZERO, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("deadline is PT0S; it must be 1 ms to 3650 days");
    assertThatThrownBy(() -> new LoadProfile(second, second, Duration.ofMillis(999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxLoadTime is PT0.999S; it must be at least the claimLife, PT1S");
  }

  @Test
  void load_longerThanItsBound_isGivenUpWithClaimAndLock() throws Exception {
    fleet.table.put("a", "quick", 1);
    Future<ReadResult<String>> slow = readBeyondTheBound();

    assertThatThrownBy(slow::get).hasCauseInstanceOf(LoadFailedException.class);
    VersionedCache<String, String> other = fleet.cache();
    assertThat(other.read("a").origin())
        .as("lock and claim are free while the source still holds the thread")
        .isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(events.count(Kind.FILL_REFUSED)).isZero();
    assertThat(loads).hasValue(1);
  }

  @Test
  void load_longerThanItsBound_isLoggedWithItsThreadAndTheProfileToTake() throws Exception {
    try (LogCapture log = new LogCapture()) {
      Future<ReadResult<String>> slow = readBeyondTheBound();
      await().until(() -> !log.lines().isEmpty());
      assertThatThrownBy(slow::get).hasCauseInstanceOf(LoadFailedException.class);

      assertThat(log.lines())
          .containsExactly(
              "WARN test:a: the source has not answered within PT0.2S, which is maxLoadTime: the load"
                  + " was given up; it still holds the thread tidemark-test-load-1, and 1 such loads"
                  + " of maxHungLoads=256 hold one; take LoadProfile.NORMAL");
    }
  }

  @Test
  void advice_anyBound_isTheNextProfile() {
    assertThat(Advice.beyond(LoadProfile.FAST.maxLoadTime())).isEqualTo("take LoadProfile.NORMAL");
    assertThat(Advice.beyond(LoadProfile.NORMAL.maxLoadTime())).isEqualTo("take LoadProfile.SLOW");
    assertThat(Advice.beyond(LoadProfile.SLOW.maxLoadTime())).isEqualTo("raise maxLoadTime");
  }

  /** An expired value is replaced without a claim; the lock is given up all the same. */
  @Test
  void refreshOfAnExpiredValue_longerThanItsBound_givesTheLockUp() throws Exception {
    VersionedCache<String, String> quick = fleet.cache(LoadProfileTest::withGrace);
    fleet.table.put("a", "old", 1);
    quick.get("a");
    fleet.pass(Duration.ofSeconds(10));
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            this::load,
            options -> withGrace(bounded(options, Duration.ofMillis(200))));
    Future<ReadResult<String>> slow = fleet.call(() -> cache.read("a"));
    gate.awaitReached();
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    assertThat(held).isInstanceOf(LockAttempt.Held.class);

    ticker.pass(Duration.ofMillis(201));
    awaitGivenUp();

    fleet.table.put("a", "quick", 9);
    assertThat(quick.read("a").value()).hasValue("quick");
    assertThatThrownBy(slow::get).hasCauseInstanceOf(LoadFailedException.class);
    assertThat(events.count(Kind.REFRESH_SUPERSEDED)).isZero();
  }

  private Future<ReadResult<String>> readBeyondTheBound() throws InterruptedException {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, this::load, options -> bounded(options, MAX_LOAD_TIME));
    Future<ReadResult<String>> slow = fleet.callThatWaits(() -> cache.read("a"));
    gate.awaitReached();
    ticker.pass(MAX_LOAD_TIME.plusNanos(1));
    awaitGivenUp();
    return slow;
  }

  private void awaitGivenUp() {
    await().until(() -> events.count(Kind.LOAD_GIVEN_UP) == 1);
    await().until(() -> events.count(Kind.LOCK_RELEASED) == 1);
  }

  private Row<String> load(String key) throws InterruptedException {
    loads.incrementAndGet();
    gate.pass();
    return Row.present("slow", 5);
  }

  private CacheBuilder<String, String> bounded(
      CacheBuilder<String, String> options, Duration maxLoadTime) {
    return options
        .claimLife(CLAIM_LIFE)
        // How soon it is looked whether the bound has passed.
        .deadline(CLAIM_LIFE)
        .maxLoadTime(maxLoadTime)
        .ticker(ticker)
        .listener(events);
  }

  private static CacheBuilder<String, String> withGrace(CacheBuilder<String, String> options) {
    return options.ttl(Duration.ofSeconds(10)).ttlJitter(0).grace(Duration.ofSeconds(60));
  }
}
