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
   * Writes a section for each work into the page of results, and the plots beside it.
   *
   * @param circumstances what was measured where, by which command; an entry for each row
   * @param order the titles of all works that there are, in the order of the page
   */
  void write(Path folder, Map<String, String> circumstances, List<String> order)
      throws IOException {
    Path plots = Files.createDirectories(folder.resolve(PLOTS));
    ResultsPage page = ResultsPage.in(folder);
    for (Work work : works) {
      if (work.isCompared()) {
        Files.writeString(plots.resolve(work.fileName() + ".svg"), plot(work));
      }
      for (Breakdown breakdown : work.breakdowns()) {
        Files.writeString(
            plots.resolve(Work.slug(breakdown.title()) + ".svg"), plot(work, breakdown));
      }
      page = page.with(work.title(), section(work, circumstances));
    }
    Files.writeString(folder.resolve(ResultsPage.NAME), page.text(order));
  }

  private String section(Work work, Map<String, String> circumstances) {
    StringBuilder text = new StringBuilder();
    if (work.isCompared()) {
      text.append(image(work.title(), work.fileName()));
    }
    for (Breakdown breakdown : work.breakdowns()) {
      text.append(image(breakdown.title(), Work.slug(breakdown.title())));
    }
    work.comparisons().forEach(one -> text.append(table(work, one).text()).append('\n'));
    List<String> rows = new ArrayList<>();
    circumstances.forEach((name, value) -> rows.add(name + " " + value));
    return text.append("Measured: ").append(String.join("; ", rows)).append('.').toString();
  }

  private static String image(String title, String fileName) {
    return "![%s](%s/%s.svg)\n\n".formatted(title, PLOTS, fileName);
  }

  private Table table(Work work, Comparison comparison) {
    List<List<String>> rows = new ArrayList<>();
    for (Work.Entry entry : work.entries()) {
      Spread spread = Work.spread(entry, comparison, samples);
      rows.add(ResultRow.of(entry, comparison, spread).cells());
    }
    return new Table(ResultRow.head(comparison), rows);
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

  private String plot(Work work, Breakdown breakdown) {
    List<StackedPlot.Bar> bars = new ArrayList<>();
    for (Breakdown.Bar bar : breakdown.bars()) {
      bars.add(
          new StackedPlot.Bar(
              bar.title(),
              work.median(new Breakdown.Part(bar.title(), bar.whole(), List.of()), samples),
              bar.parts().stream()
                  .map(part -> new StackedPlot.Part(part.title(), work.median(part, samples)))
                  .toList()));
    }
    String unit = "time, %s = 1".formatted(work.entries().get(0).base().title());
    return StackedPlot.svg(breakdown.title(), unit, bars);
  }

  private static String title(Work.Entry entry) {
    return entry.isBase() ? entry.run().title() + " (base)" : entry.run().title();
  }
}
