package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.contestants.Contestants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schedule forces wrong answers, and they are counted: all of a rival, none of Tidemark. */
@Tag("thorough")
class AnswersIT {
  private static final Pattern COUNTS =
      Pattern.compile(".*reads=(\\d+), old=(\\d+), back=(\\d+).*");

  /** How often a process looks at each item that was held, in a smoke run. */
  private static final long LOOK = 5;

  @TempDir private Path folder = Path.of("");

  @Test
  void smoke_pausesAndEvictions_areSurvivedByTidemarkOnly() throws Exception {
    String out =
        SmokeRun.of(
            folder,
            List.of(
                "--work",
                "answers",
                "--contestant",
                Contestants.RAW_JEDIS.name(),
                "--contestant",
                Contestants.TIDEMARK_ZOOKEEPER.name()));

    // Two processes look while the writer is paused, and all three after that.
    assertThat(counts(Contestants.RAW_JEDIS, "WRITTEN"))
        .hasSize(2)
        .allMatch(of -> of.old() == 5 * LOOK && of.back() == 0);
    assertThat(counts(Contestants.RAW_JEDIS, "EVICTED"))
        .hasSize(2)
        .allMatch(of -> of.old() == 5 * LOOK && of.back() == 0);
    assertThat(counts(Contestants.RAW_JEDIS, "NOT_ACKNOWLEDGED"))
        .hasSize(2)
        .allMatch(of -> of.old() == 0 && of.back() == 2 * LOOK);
    assertThat(counts(Contestants.TIDEMARK_ZOOKEEPER, "all"))
        .hasSize(1)
        .allMatch(of -> of.reads() > 0 && of.old() == 0 && of.back() == 0);
    assertThat(rows(out, Contestants.TIDEMARK_ZOOKEEPER))
        .hasSize(3)
        .containsAll(
            rows(Files.readString(folder.resolve("RESULTS.md")), Contestants.TIDEMARK_ZOOKEEPER));
  }

  private record Counted(long reads, long old, long back) {}

  /** What the raw file says of all, or of the items of a course. */
  private List<Counted> counts(Contestants contestant, String which) throws Exception {
    Path raw = folder.resolve("target").resolve("raw");
    String name = Workload.ANSWERS.works(Set.of(contestant), Effort.SMOKE).get(0).fileName();
    List<Counted> found = new ArrayList<>();
    for (String line :
        Files.readAllLines(
            raw.resolve("round-1-%s-%s.txt".formatted(name, Work.slug(contestant.title()))))) {
      Matcher counts = COUNTS.matcher(line);
      if (line.matches("(?:item \\d+, )?" + which + "\\b.*") && counts.matches()) {
        found.add(
            new Counted(
                Long.parseLong(counts.group(1)),
                Long.parseLong(counts.group(2)),
                Long.parseLong(counts.group(3))));
      }
    }
    return found;
  }

  private static List<String> rows(String text, Contestants contestant) {
    return text.lines().filter(line -> line.startsWith("| " + contestant.title() + " ")).toList();
  }
}
