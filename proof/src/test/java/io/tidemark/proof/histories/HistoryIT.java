package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Records what a fleet of real processes on real servers sees while everything fails that can, and
 * judges it. Longer, with other locks, and again with a seed that was printed:
 *
 * <pre>{@code
 * mvn -pl proof -am verify -Dit.test=HistoryIT#history_whileEverythingFails_keepsEveryPromise \
 *     -Dtidemark.history.duration=1h -Dtidemark.history.lock=redlock -Dtidemark.history.seed=42
 * }</pre>
 */
@Tag("one-jdk")
class HistoryIT {
  private static final Duration SHORT = Duration.ofSeconds(25);

  /** Enough for the faults that mean something without ZooKeeper. */
  static final Duration SHORTER = Duration.ofSeconds(15);

  @Test
  void history_whileEverythingFails_keepsEveryPromise() throws Exception {
    Duration duration = HistoryOptions.duration(SHORT);
    RunReport report =
        keepsEveryPromise(
            duration,
            HistoryOptions.seed(HistoryIT::anySeed),
            HistoryOptions.lock(LockKind.ZOOKEEPER));
    for (Kind kind : Kind.values()) {
      assertThat(report.count(kind, Outcome.OK)).as("%s OK", kind).isPositive();
    }
    assertThat(report.count(Kind.READ, Outcome.FAILED)).isPositive();
    assertThat(report.count(Kind.UPDATE, Outcome.FAILED)).isPositive();
    assertThat(report.origins())
        .containsKeys("CACHE", "CACHE_AFTER_WAIT", "SOURCE_LOCK_HOLDER stored", "SOURCE_FALLBACK");
  }

  /** Every promise rests on the store, so that any locks will do, and even none between workers. */
  @Test
  @Tag("one-jdk")
  void history_withTheOtherLocks_keepsEveryPromise() throws Exception {
    RunReport report = keepsEveryPromise(SHORTER, anySeed(), LockKind.BY_KEY);
    assertThat(report.origins())
        .containsKeys("CACHE", "CACHE_AFTER_WAIT", "SOURCE_LOCK_HOLDER stored");
  }

  private static RunReport keepsEveryPromise(Duration duration, long seed, LockKind lock)
      throws Exception {
    boolean isShort = duration.compareTo(Duration.ofMinutes(5)) < 0;
    HistoryRun run =
        new HistoryRun(
            duration, seed, lock, isShort ? Duration.ofMillis(6) : Duration.ofMillis(20));
    RunReport report = run.run();
    String name = lock == LockKind.ZOOKEEPER ? "history-report.md" : "history-report-locks.md";
    Path file = Path.of("target", name);
    report.write(file);
    assertThat(report.violations()).as("seed %d, see %s", seed, file).isEmpty();
    // A run that did nothing shows nothing.
    assertThat(report.faults()).containsOnlyKeys(lock.faults());
    int seconds = Math.toIntExact(duration.toSeconds());
    assertThat(report.operationCount()).isGreaterThan(50 * seconds);
    assertThat(report.commits()).isGreaterThan(3 * seconds);
    return report;
  }

  private static long anySeed() {
    return new Random().nextInt(Integer.MAX_VALUE);
  }
}
