package io.tidemark.demo.acts;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a report as {@code report.html}, {@code report.md} and {@code report.json}. Immutable. */
final class ReportFiles {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path html;
  private final Path markdown;
  private final Path json;

  private ReportFiles(Path html, Path markdown, Path json) {
    this.html = html;
    this.markdown = markdown;
    this.json = json;
  }

  /**
   * Creates the folder and the files, empty, so that a folder that cannot be written to is found
   * before the demo and not after it.
   */
  static ReportFiles in(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path html = folder.resolve("report.html");
    Path markdown = folder.resolve("report.md");
    Path json = folder.resolve("report.json");
    Files.writeString(html, "");
    Files.writeString(markdown, "");
    Files.writeString(json, "");
    return new ReportFiles(html, markdown, json);
  }

  void write(DemoRun.Outcome outcome) throws IOException {
    DemoReport report = outcome.report();
    Files.writeString(html, HtmlReport.of(report, outcome.timeline()));
    Files.writeString(markdown, markdown(report));
    Files.writeString(json, json(report));
  }

  /** What {@code report.json} has, or a list of acts likewise. */
  static String json(Object report) throws IOException {
    return JSON.writeValueAsString(report) + "\n";
  }

  static String markdown(DemoReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Tidemark demo

        %d processes, %d callers each, loads of %d ms.

        **%s**: %s.
        """
            .formatted(
                report.processes(),
                report.callersPerProcess(),
                report.dbLatencyMillis(),
                word(report.passed()),
                report.summary()));
    report.acts().forEach(act -> append(text, act));
    text.append("\n## Versions\n\n| | |\n|---|---|\n");
    report
        .versions()
        .forEach((name, version) -> text.append("| %s | %s |\n".formatted(name, version)));
    return text.toString();
  }

  private static void append(StringBuilder text, ActResult act) {
    text.append("\n## Act %d: %s\n".formatted(act.number(), act.title()));
    act.done().forEach(sentence -> text.append('\n').append(sentence).append('\n'));
    if (!act.figures().isEmpty()) {
      text.append("\n| | |\n|---|---|\n");
      act.figures()
          .forEach(figure -> text.append("| %s | %s |\n".formatted(figure.name(), figure.text())));
    }
    text.append("\n**%s**: %s.\n".formatted(word(act.passed()), act.verdict()));
  }

  private static String word(boolean passed) {
    return passed ? "PASS" : "FAIL";
  }
}
