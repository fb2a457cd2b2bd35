package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.contestants.Contestants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The open loop for a moment; its figures mean nothing. */
@Tag("thorough")
class ZipfIT {
  /** Of two processes. */
  private static final int READS = 2 * 100;

  @TempDir private Path folder = Path.of("");

  @Test
  void smoke_oneContestant_isAskedAsOftenAsPlannedBesideItsBase() throws Exception {
    String out =
        SmokeRun.of(
            folder, List.of("--work", "zipf", "--contestant", Contestants.TIDEMARK_REDIS.name()));

    assertThat(out.lines())
        .filteredOn(line -> line.startsWith("| " + Contestants.TIDEMARK_REDIS.title()))
        .as("a row in each table")
        .hasSize(5);
    try (Stream<Path> raw = Files.list(folder.resolve("target/raw"))) {
      for (Path file : raw.toList()) {
        String text = Files.readString(file).strip();
        String histogram = text.substring(text.lastIndexOf(' ') + 1);
        assertThat(Histograms.of(histogram).getTotalCount()).as(text).isEqualTo(READS);
      }
    }
  }
}
