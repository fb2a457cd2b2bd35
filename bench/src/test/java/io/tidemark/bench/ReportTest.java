package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Run BASE = run("base");
  private static final Run FASTER = run("faster");
  private static final Run EVEN = run("even");
  private static final Work WORK =
      new Work(
          "Hits, 1 thread",
          List.of(Comparison.RATE),
          List.of(
              new Work.Entry(BASE, BASE),
              new Work.Entry(FASTER, BASE),
              new Work.Entry(EVEN, BASE)));
  private static final Report REPORT =
      new Report(
          List.of(WORK),
          Map.of(
              BASE, Collections.nCopies(5, sample(10)),
              FASTER, List.of(sample(5), sample(5), sample(4), sample(8), sample(5)),
              EVEN, List.of(sample(5), sample(20), sample(10), sample(10), sample(10))));

  @TempDir private Path folder = Path.of("");

  @Test
  void text_severalRounds_hasMedianSpreadAndWhatTheyShow() {
    assertThat(REPORT.text())
        .isEqualTo(
            """

            Hits, 1 thread

            |        | base   | operations a second, base = 1 | min – max   |                     |
            |--------|--------|-------------------------------|-------------|---------------------|
            | base   | itself | 1.00                          | 1.00 – 1.00 |                     |
            | faster | base   | 2.00                          | 1.25 – 2.50 |                     |
            | even   | base   | 1.00                          | 0.50 – 2.00 | no difference shown |
            """);
  }

  @Test
  void write_anyReport_hasTablesAndPlotsAndCircumstances() throws Exception {
    REPORT.write(folder, Map.of("Redis", "6.2.11"), List.of(WORK.title()));

    assertThat(Files.readString(folder.resolve("RESULTS.md")))
        .contains("Redis 6.2.11.", "## Hits, 1 thread", "(plots/hits-1-thread.svg)")
        .contains("| faster | base   | 2.00 ");
    assertThat(Files.readString(folder.resolve("plots/hits-1-thread.svg")))
        .startsWith("<svg")
        .contains("base (base)", "faster");
  }

  @Test
  void write_breakdown_drawsTheMedianOfEachPartWithinItsRound() throws Exception {
    Work work =
        new Work(
            "Steps",
            List.of(Comparison.TIME),
            List.of(new Work.Entry(BASE, BASE), new Work.Entry(EVEN, BASE)),
            List.of(
                new Breakdown(
                    "Where it goes",
                    List.of(
                        new Breakdown.Bar(
                            "all",
                            EVEN,
                            List.of(
                                new Breakdown.Part("first", BASE, List.of()),
                                new Breakdown.Part("second", EVEN, List.of(BASE))))))));
    Report report =
        new Report(
            List.of(work),
            Map.of(
                BASE, List.of(sample(10), sample(100), sample(10)),
                EVEN, List.of(sample(30), sample(110), sample(35))));

    report.write(folder, Map.of("Redis", "6.2.11"), List.of("Steps"));

    assertThat(Files.readString(folder.resolve("RESULTS.md")))
        .contains("(plots/where-it-goes.svg)");
    assertThat(Files.readString(folder.resolve("plots/where-it-goes.svg")))
        .contains(">all: 3.00<", ">first: 1.00<", ">second: 2.00<");
  }

  @Test
  void write_overAnEarlierPage_replacesOnlyTheSectionsOfItsWorks() throws Exception {
    List<String> order = List.of("Hits, 1 thread", "Misses");
    String earlier =
        ResultsPage.of("")
            .with("Misses", "as before")
            .with("Hits, 1 thread", "to go")
            .with("Not measured any more", "to go")
            .text(List.of("Misses", "Hits, 1 thread", "Not measured any more"));
    Files.writeString(folder.resolve("RESULTS.md"), earlier);

    REPORT.write(folder, Map.of("Redis", "6.2.11"), order);

    String written = Files.readString(folder.resolve("RESULTS.md"));
    assertThat(written.lines().filter(line -> line.startsWith("## ")))
        .containsExactly("## Hits, 1 thread", "## Misses");
    assertThat(written).contains("as before", "Redis 6.2.11.").doesNotContain("to go");
    assertThat(ResultsPage.of(written).text(order)).isEqualTo(written);
  }

  private static Sample sample(double micros) {
    return new Sample(Map.of(Sample.Quantity.MICROS, micros));
  }

  private static Run run(String title) {
    return new JmhRun(title, "benchmark", 1, Map.of("who", title));
  }
}
