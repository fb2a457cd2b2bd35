package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.contestants.Contestants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole command, for a moment each; its figures mean nothing. */
class BenchIT {
  @TempDir private Path folder = Path.of("");

  @Test
  void smoke_oneContestant_isMeasuredBesideItsBases() throws Exception {
    String out =
        SmokeRun.of(
            folder,
            Stream.concat(
                    Stream.of("--contestant", Contestants.TIDEMARK_ZOOKEEPER.name()),
                    works().flatMap(work -> Stream.of("--work", work.name())))
                .toList());

    assertThat(rows(out))
        .containsExactlyInAnyOrderElementsOf(rows(Files.readString(folder.resolve("RESULTS.md"))))
        .filteredOn(row -> row.startsWith("| " + Contestants.TIDEMARK_ZOOKEEPER.title()))
        .as(
            "two tables of hits and of many hits, one of misses, known misses and updates, six of a"
                + " cold key, and three of memory")
        .hasSize(2 + 2 + 1 + 1 + 1 + 6 + 3);
    assertThat(rows(out))
        .as("one load of the cold key")
        .anyMatch(
            row ->
                row.startsWith("| " + Contestants.TIDEMARK_ZOOKEEPER.title())
                    && row.contains(" | 1.0 – 1.0 "));
    assertThat(out)
        .contains(Contestants.RAW_JEDIS.title(), Contestants.PLAIN_MUTEX.title())
        .contains(Arrays.stream(Verb.values()).map(verb -> "| " + verb.title() + " ").toList())
        .contains(Arrays.stream(Step.values()).map(step -> "| " + step.title() + " ").toList());
    assertThat(files("plots")).as("one of each work, and two of the steps besides").hasSize(9 + 2);
    assertThat(files("target/raw"))
        .filteredOn(file -> file.endsWith(".json"))
        .as("of JMH, two for each work, and one for each verb and each step")
        .hasSize(5 * 2 + Verb.values().length + Step.values().length);
  }

  /** All but those that have tests of their own. */
  private static Stream<Workload> works() {
    return EnumSet.complementOf(EnumSet.of(Workload.ANSWERS, Workload.ZIPF)).stream();
  }

  /** The rows of tables that compare something. */
  private static List<String> rows(String text) {
    return text.lines().filter(line -> line.startsWith("| ") && line.contains(" – ")).toList();
  }

  private List<String> files(String subfolder) throws Exception {
    try (Stream<Path> found = Files.list(folder.resolve(subfolder))) {
      return found.map(Path::toString).toList();
    }
  }
}
