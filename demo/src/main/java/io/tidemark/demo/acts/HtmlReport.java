package io.tidemark.demo.acts;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.demo.acts.Plot.Point;
import io.tidemark.demo.acts.Timeline.Scene;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A report as one page that needs nothing else. */
final class HtmlReport {
  private static final double MICROS_PER_SECOND = 1_000_000;
  private static final List<String> LATENCY_HEAD =
      List.of("calls to", "calls", "failed", "median, ms", "99 %, ms", "longest, ms");

  private final DemoReport report;
  private final Timeline timeline;

  private HtmlReport(DemoReport report, Timeline timeline) {
    this.report = report;
    this.timeline = timeline;
  }

  static String of(DemoReport report, Timeline timeline) throws IOException {
    return new HtmlReport(report, timeline).page();
  }

  private String page() throws IOException {
    StringBuilder html = new StringBuilder();
    html.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Tidemark demo: %s</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        <h1>Tidemark demo</h1>
        <p>%d processes, %d callers each, loads of %d ms.</p>
        <p>%s %s.</p>
        """
            .formatted(
                Html.escape(report.summary()),
                style(),
                report.processes(),
                report.callersPerProcess(),
                report.dbLatencyMillis(),
                verdict(report.passed()),
                Html.escape(report.summary())));
    html.append(scoreboard());
    html.append(databaseReads());
    timeline.scenes().forEach(scene -> html.append(section(scene)));
    html.append("<h2>Versions</h2>\n").append(Html.pairs("What played", versions()));
    return html.append("</main>\n</body>\n</html>\n").toString();
  }

  private String scoreboard() {
    StringBuilder html = new StringBuilder(Html.wide("Scoreboard"));
    html.append("<tr><th scope=\"col\">act</th>");
    html.append("<th scope=\"col\">verdict</th><th scope=\"col\">what was seen</th></tr>\n");
    for (ActResult act : report.acts()) {
      html.append(
          "<tr><th scope=\"row\"><a href=\"#%s\">%s</a></th><td>%s</td><td>%s</td></tr>\n"
              .formatted(
                  act.name(),
                  Html.escape(act.title()),
                  verdict(act.passed()),
                  Html.escape(act.passed() ? act.score() : act.verdict())));
    }
    return html.append("</table></div>\n").toString();
  }

  /** Colour only repeats what the word says. */
  private static String verdict(boolean passed) {
    return passed ? "<strong class=\"pass\">PASS</strong>" : "<strong class=\"fail\">FAIL</strong>";
  }

  private String databaseReads() {
    ReadRates rates = ReadRates.of(timeline);
    Plot plot =
        new Plot(
            "Reads that the database counted per second, against the time of the run. The table"
                + " below has the reads of each act.",
            "database reads per second",
            rates.seconds(),
            rates.most());
    plot.area(rates.steps());
    timeline.scenes().stream()
        .skip(1)
        .forEach(scene -> plot.moment(seconds(scene.beganAtMicros()), scene.act().title()));
    List<List<String>> rows = new ArrayList<>();
    for (Scene scene : timeline.scenes()) {
      rows.add(
          List.of(
              scene.act().title(),
              decimal(seconds(scene.beganAtMicros())),
              decimal(seconds(scene.endedAtMicros())),
              rates.readsText(scene)));
    }
    return "<h2>Database reads</h2>\n"
        + Html.paragraph(
            "By the database's own counter. Tidemark's share of it is one read for each load; an"
                + " act without protection, and what makes the acts ready, count as well. Rivals"
                + " read a table of their own, which is not counted here.")
        + plot.html()
        + Html.table(
            "Database reads of each act",
            List.of("act", "from second", "to second", "database reads"),
            rows);
  }

  private String section(Scene scene) {
    ActResult act = scene.act();
    StringBuilder html = new StringBuilder();
    html.append(
        "<section>\n<h2 id=\"%s\">Act %d: %s</h2>\n"
            .formatted(act.name(), act.number(), Html.escape(act.title())));
    act.done().forEach(sentence -> html.append(Html.paragraph(sentence)));
    if (!act.figures().isEmpty()) {
      html.append(
          Html.pairs(
              "Figures",
              act.figures().stream()
                  .map(figure -> List.of(figure.name(), figure.text()))
                  .toList()));
    }
    html.append(latencies(scene));
    return html.append(
            "<p>%s %s.</p>\n</section>\n"
                .formatted(verdict(act.passed()), Html.escape(act.verdict())))
        .toString();
  }

  private static String latencies(Scene scene) {
    if (scene.calls().isEmpty()) {
      return "";
    }
    double seconds = (scene.endedAtMicros() - scene.beganAtMicros()) / MICROS_PER_SECOND;
    double longest = scene.calls().stream().mapToDouble(TimedCall::millis).max().orElse(0);
    Plot plot =
        new Plot(
            "Latency of each call, in milliseconds, at the second of the act at which it ended. The"
                + " table below has the figures.",
            "latency, ms",
            seconds,
            longest);
    List<List<String>> rows = new ArrayList<>();
    Latency.bySeries(scene.calls())
        .forEach(
            (series, calls) -> {
              plot.dots(series, calls.stream().map(call -> point(scene, call)).toList());
              rows.add(Latency.of(calls).cells(series));
            });
    plot.failures(
        scene.calls().stream().filter(TimedCall::failed).map(call -> point(scene, call)).toList());
    return plot.html() + Html.table("Latency of the callers", LATENCY_HEAD, rows);
  }

  private static Point point(Scene scene, TimedCall call) {
    return new Point(
        (call.endedAtMicros() - scene.beganAtMicros()) / MICROS_PER_SECOND, call.millis());
  }

  private List<List<String>> versions() {
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, String> version : report.versions().entrySet()) {
      rows.add(List.of(version.getKey(), version.getValue()));
    }
    return rows;
  }

  private double seconds(long micros) {
    return (micros - timeline.beganAtMicros()) / MICROS_PER_SECOND;
  }

  private static String decimal(double seconds) {
    return String.format(Locale.ROOT, "%.1f", seconds);
  }

  private static String style() throws IOException {
    try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
      return new String(Objects.requireNonNull(in, "report.css").readAllBytes(), UTF_8);
    }
  }
}
