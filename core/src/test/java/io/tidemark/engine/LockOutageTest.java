package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CallOptions;
import io.tidemark.ClaimRule;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.RefreshAhead;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A lock service that is away, and may soon be back. */
class LockOutageTest {
  private final Fleet fleet = new Fleet();
  private final ManualTicker ticker = new ManualTicker();
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void lockOutageWait_default_isNone() {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, awayUntil(100), fleet.table, options -> options.ticker(ticker));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(UnavailableException.class);
    assertThat(asked).hasValue(1);
    assertThat(ticker.sleeps()).isEmpty();
  }

  @Test
  void lockOutageWait_backInTime_nobodyNotices() {
    VersionedCache<String, String> cache = cache(awayUntil(10), Duration.ofSeconds(1));
    fleet.table.put("a", "apple", 1);

    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(cache.update("a", () -> Row.present("pear", 2)).outcome())
        .isEqualTo(WriteOutcome.STORED);
  }

  @Test
  void lockOutageWait_notBackInTime_failsThen() {
    VersionedCache<String, String> cache = cache(awayUntil(1_000), Duration.ofSeconds(1));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(UnavailableException.class);
    assertThat(slept()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void lockOutageWait_longerThanTheWaitLimit_endsAtThat() {
    VersionedCache<String, String> cache = cache(awayUntil(1_000), Duration.ofMinutes(1));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(TidemarkException.class);
    assertThat(slept()).isEqualTo(Duration.ofSeconds(4));
  }

  /** The service goes away while a load waits for the holder, who cannot be watched then. */
  @Test
  void lockOutageWait_goneDuringAWait_isWaitedForLikewise() {
    LockProvider unwatchable =
        (key, deadline) ->
            asked.incrementAndGet() <= 5
                ? new LockAttempt.Held(
                    until -> {
                      throw new UnavailableException(key, "connection lost", null);
                    })
                : fleet.locks.tryAcquire(key, deadline);
    fleet.table.put("a", "apple", 1);

    assertThat(cache(unwatchable, Duration.ofSeconds(1)).get("a")).hasValue("apple");
    assertThat(ticker.sleeps()).as("it does not ask all the time").hasSize(5);
  }

  @Test
  void lockOutageWait_holderCanNeverBeWatched_endsAtTheWaitLimit() {
    LockProvider unwatchable =
        (key, deadline) ->
            new LockAttempt.Held(
                until -> {
                  throw new UnavailableException(key, "connection lost", null);
                });

    assertThatThrownBy(() -> cache(unwatchable, Duration.ofMinutes(1)).get("a"))
        .isInstanceOf(TidemarkException.class);
    assertThat(slept()).isEqualTo(Duration.ofSeconds(4));
  }

  static Stream<Exception> unexpected() {
    return Stream.of(
        new IllegalStateException("a bug"),
        new IOException("as Kotlin may throw it"),
        new DeadlineExceededException(null, "the provider's own", null));
  }

  /** It is no deadline of the call's, after which the next try may fare better. */
  @ParameterizedTest
  @MethodSource("unexpected")
  void tryAcquire_throwsWhatItShouldNot_isNotAskedAgainAndThePolicyDecides(Exception failure) {
    LockProvider broken =
        (key, deadline) -> {
          asked.incrementAndGet();
          throw LockOutageTest.<RuntimeException>sneaky(failure);
        };
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, broken, fleet.table, options -> options.ticker(ticker));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("test:a: the lock provider failed: ")
        .hasCause(failure);
    assertThat(asked).hasValue(1);
    assertThat(cache.with(CallOptions.none().onFallback(FallbackPolicy.LOAD)).get("a"))
        .hasValue("apple");
    assertThat(cache.update("a", ClaimRule.BEST_EFFORT, () -> Row.present("pear", 2)).row())
        .isEqualTo(Row.present("pear", 2));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X sneaky(Throwable t) throws X {
    throw (X) t;
  }

  @Test
  void refreshAhead_locksAway_doesNotWaitForThem() {
    fleet.table.put("a", "apple", 1);
    fleet.cache(options -> options.ttl(Duration.ofSeconds(100)).ttlJitter(0)).get("a");
    fleet.pass(Duration.ofSeconds(99));
    AtomicInteger underWay = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            awayUntil(1_000),
            fleet.table,
            options ->
                options
                    .ticker(ticker)
                    .ttl(Duration.ofSeconds(100))
                    .ttlJitter(0)
                    .lockOutageWait(Duration.ofSeconds(1))
                    .refreshAhead(RefreshAhead.afterFraction(0.5))
                    .executor(
                        task -> {
                          underWay.incrementAndGet();
                          task.run();
                        }));

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(underWay).hasValue(1);
    assertThat(asked).hasValue(1);
    assertThat(ticker.sleeps()).isEmpty();
  }

  private Duration slept() {
    return ticker.sleeps().stream().reduce(Duration.ZERO, Duration::plus);
  }

  /** A lock service that is back after so many questions. */
  private LockProvider awayUntil(int questions) {
    return (key, deadline) -> {
      if (asked.incrementAndGet() <= questions) {
        throw new UnavailableException(key, "no quorum", null);
      }
      return fleet.locks.tryAcquire(key, deadline);
    };
  }

  private VersionedCache<String, String> cache(LockProvider locks, Duration lockOutageWait) {
    return fleet.cache(
        fleet.store,
        locks,
        fleet.table,
        options ->
            options.ticker(ticker).lockOutageWait(lockOutageWait).waitLimit(Duration.ofSeconds(4)));
  }
}
