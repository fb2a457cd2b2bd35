package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Records what a fleet of real processes on real servers sees while everything fails that can, and
 * judges it. Longer, with other locks, and again with a seed that was printed:
 *
 * <pre>{@code
 * mvn -pl proof -am verify -Dit.test=HistoryIT#history_whileEverythingFails_keepsEveryPromise \
 *     -Dtidemark.history.duration=1h -Dtidemark.history.lock=redlock -Dtidemark.history.seed=42
 * }</pre>
 */
@Tag("longer")
class HistoryIT {
  /** For a handful of faults. */
  static final Duration SHORTEST = Duration.ofSeconds(6);

  /** Enough for every kind of fault once. */
  private static final Duration SHORT = Duration.ofSeconds(30);

  /** Enough for the faults that mean something without ZooKeeper. */
  static final Duration SHORTER = Duration.ofSeconds(15);

  /** Enough for two failovers and what else fails. */
  private static final Duration SEVERAL_FAILOVERS = Duration.ofSeconds(40);

  /**
   * Enough for a failover that loses writes, and for reads after it; the first meets no entries.
   */
  static final Duration ONE_FAILOVER = Duration.ofSeconds(15);

  static final Duration SHORT_PAUSE = Duration.ofMillis(6);

  private static final List<String> ORIGINS =
      List.of(
          "CACHE",
          "CACHE_AFTER_WAIT",
          "SOURCE_LOCK_HOLDER stored",
          "SOURCE_LOCK_HOLDER stored by ballot");

  /** Of each figure of the calls for many keys. */
  private static final int ENOUGH = 10;

  @Test
  void history_whileEverythingFails_keepsEveryPromise() throws Exception {
    Duration duration = HistoryOptions.duration(SHORTEST);
    LockKind lock = HistoryOptions.lock(LockKind.ZOOKEEPER);
    RedisKind redis = HistoryOptions.redis(RedisKind.SINGLE);
    Set<FaultKind> kinds = lock.faults(redis);
    if (duration.compareTo(SHORT) < 0) {
      kinds.retainAll(FaultKind.few());
    }
    keepsEveryPromise(
        duration,
        HistoryOptions.seed(HistoryIT::anySeed),
        lock,
        redis,
        kinds,
        report ->
            report.count(Kind.READ, Outcome.FAILED) > 0
                && report.count(Kind.UPDATE, Outcome.FAILED) > 0
                && report.origins().containsKey("SOURCE_FALLBACK"));
  }

  /** Every promise rests on the store, so that any locks will do, and even none between workers. */
  @Test
  @Tag("thorough")
  void history_withTheOtherLocks_keepsEveryPromise() throws Exception {
    keepsEveryPromise(
        SHORTER,
        anySeed(),
        LockKind.BY_KEY,
        RedisKind.SINGLE,
        LockKind.BY_KEY.faults(),
        report -> true);
  }

  /** Also if Redis loses writes that it has acknowledged. */
  @ParameterizedTest
  @EnumSource(mode = EXCLUDE, names = "SINGLE")
  @Tag("thorough")
  void history_whileRedisFailsOver_keepsEveryPromise(RedisKind redis) throws Exception {
    keepsEveryPromise(
        SEVERAL_FAILOVERS,
        anySeed(),
        LockKind.ZOOKEEPER,
        redis,
        redis.of(FaultKind.few()),
        report -> true);
  }

  private static void keepsEveryPromise(
      Duration duration,
      long seed,
      LockKind lock,
      RedisKind redis,
      Set<FaultKind> kinds,
      Predicate<RunReport> alsoHappened)
      throws Exception {
    boolean isShort = duration.compareTo(Duration.ofMinutes(5)) < 0;
    HistoryRun run =
        new HistoryRun(
            duration,
            seed,
            lock,
            redis,
            redis.failsOver() ? WorkerSetup.LOAD_THROUGH_FAILOVERS : WorkerSetup.LOAD,
            kinds,
            isShort ? SHORT_PAUSE : Duration.ofMillis(20));
    // A run that did nothing shows nothing.
    Predicate<RunReport> isEnough =
        report ->
            report.faults().keySet().equals(kinds)
                && (report.failovers() > 0) == redis.failsOver()
                && Arrays.stream(Kind.values()).allMatch(kind -> report.count(kind, Outcome.OK) > 0)
                && report.origins().keySet().containsAll(ORIGINS)
                && Arrays.stream(BulkFigure.values())
                    .allMatch(figure -> report.count(figure) >= (redis.failsOver() ? 1 : ENOUGH))
                && alsoHappened.test(report);
    RunReport report = run.run(isEnough);
    String about =
        redis.failsOver()
            ? "-" + redis.name().toLowerCase(Locale.ROOT)
            : lock == LockKind.ZOOKEEPER ? "" : "-locks";
    Path file = Path.of("target", "history-report" + about + ".md");
    report.write(file);
    assertThat(report.violations()).as("seed %d, see %s", seed, file).isEmpty();
    assertThat(report).as("seed %d, see %s", seed, file).matches(isEnough, "has everything in it");
  }

  static long anySeed() {
    return new Random().nextInt(Integer.MAX_VALUE);
  }
}
