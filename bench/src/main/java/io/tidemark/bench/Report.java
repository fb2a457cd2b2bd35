package io.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a run of the bench found: tables for the terminal, and a page with plots.
 *
 * @param works what was measured
 * @param samples of each run, one for each round
 */
record Report(List<Work> works, Map<Run, List<Sample>> samples) {
  /** The name of the page. */
  static final String RESULTS = "RESULTS.md";

  private static final String PLOTS = "plots";

  /** All tables, each below its title. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Work work : works) {
      text.append("\n%s\n".formatted(work.title()));
      work.comparisons().forEach(one -> text.append('\n').append(table(work, one).text()));
    }
    return text.toString();
  }

  /**
   * Writes {@code RESULTS.md} and the plots beside it.
   *
   * @param circumstances what was measured where, by which command; an entry for each row
   */
  void write(Path folder, Map<String, String> circumstances) throws IOException {
    Path plots = Files.createDirectories(folder.resolve(PLOTS));
    for (Work work : works) {
      if (work.isCompared()) {
        Files.writeString(plots.resolve(work.fileName() + ".svg"), plot(work));
      }
    }
    Files.writeString(folder.resolve(RESULTS), markdown(circumstances));
  }

  private String markdown(Map<String, String> circumstances) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Tidemark beside what else there is

        Every figure compares a contestant with the base of its row in the same round. A table has the median of all
        rounds, and the lowest and the highest. Where they lie on both sides of the base, or there were fewer than %d rounds,
        no difference is shown.

        """
            .formatted(Spread.LEAST_ROUNDS));
    List<List<String>> rows = new ArrayList<>();
    circumstances.forEach((name, value) -> rows.add(List.of(name, value)));
    text.append(new Table(List.of("", ""), rows).text());
    for (Work work : works) {
      text.append("\n## %s\n".formatted(work.title()));
      if (work.isCompared()) {
        text.append("\n![%s](%s/%s.svg)\n".formatted(work.title(), PLOTS, work.fileName()));
      }
      work.comparisons().forEach(one -> text.append('\n').append(table(work, one).text()));
    }
    return text.toString();
  }

  private Table table(Work work, Comparison comparison) {
    List<List<String>> rows = new ArrayList<>();
    for (Work.Entry entry : work.entries()) {
      Spread spread = Work.spread(entry, comparison, samples);
      rows.add(
          List.of(
              entry.run().title(),
              entry.isBase() ? "itself" : entry.base().title(),
              comparison.text(spread.median()),
              "%s – %s".formatted(comparison.text(spread.least()), comparison.text(spread.most())),
              remark(entry, comparison, spread)));
    }
    return new Table(List.of("", "base", comparison.title(), "min – max", ""), rows);
  }

  private static String remark(Work.Entry entry, Comparison comparison, Spread spread) {
    boolean tells = entry.isBase() || comparison.same().map(spread::shows).orElse(true);
    return tells ? "" : "no difference shown";
  }

  private String plot(Work work) {
    Comparison comparison = work.comparisons().get(0);
    List<Plot.Row> rows = new ArrayList<>();
    for (Work.Entry entry : work.entries()) {
      Spread spread = Work.spread(entry, comparison, samples);
      rows.add(new Plot.Row(title(entry), spread, comparison.text(spread.median())));
    }
    return Plot.svg(work.title(), comparison.title(), rows);
  }

  private static String title(Work.Entry entry) {
    return entry.isBase() ? entry.run().title() + " (base)" : entry.run().title();
  }
}
