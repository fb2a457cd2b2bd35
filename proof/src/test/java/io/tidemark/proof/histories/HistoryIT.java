package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Records what a fleet of real processes on real servers sees while everything fails that can, and
 * judges it. Longer, and again with a seed that was printed:
 *
 * <pre>{@code
 * mvn -pl proof -am verify -Dit.test=HistoryIT -Dtidemark.history.duration=1h \
 *     -Dtidemark.history.seed=42
 * }</pre>
 */
@Tag("one-jdk")
class HistoryIT {
  private static final Duration SHORT = Duration.ofSeconds(25);
  private static final Path REPORT = Path.of("target", "history-report.md");

  @Test
  void history_whileEverythingFails_keepsEveryPromise() throws Exception {
    Duration duration = HistoryOptions.duration(SHORT);
    boolean isShort = duration.compareTo(Duration.ofMinutes(5)) < 0;
    HistoryRun run =
        new HistoryRun(
            duration,
            HistoryOptions.seed(() -> new Random().nextInt(Integer.MAX_VALUE)),
            isShort ? Duration.ofMillis(6) : Duration.ofMillis(20));
    RunReport report = run.run();
    report.write(REPORT);
    assertThat(report.violations()).as("seed %d, see %s", run.seed(), REPORT).isEmpty();
    // A run that did nothing shows nothing.
    assertThat(report.faults()).containsOnlyKeys(FaultKind.values());
    int seconds = Math.toIntExact(duration.toSeconds());
    assertThat(report.operationCount()).isGreaterThan(50 * seconds);
    for (Kind kind : Kind.values()) {
      assertThat(report.count(kind, Outcome.OK)).as("%s OK", kind).isPositive();
    }
    assertThat(report.count(Kind.READ, Outcome.FAILED)).isPositive();
    assertThat(report.count(Kind.UPDATE, Outcome.FAILED)).isPositive();
    assertThat(report.commits()).isGreaterThan(3 * seconds);
    assertThat(report.origins())
        .containsKeys("CACHE", "CACHE_AFTER_WAIT", "SOURCE_LOCK_HOLDER stored", "SOURCE_FALLBACK");
  }
}
