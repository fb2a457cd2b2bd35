package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.acts.Timeline.Sample;
import io.tidemark.demo.acts.Timeline.Scene;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
  private static final long SECOND = 1_000_000;
  private static final ActResult PASSED =
      new ActResult(
          1,
          "stampede",
          "Stampede",
          "100 callers",
          List.of("Somebody <did> something."),
          List.of(new Figure("callers", 100, "")),
          true,
          "as promised");
  private static final ActResult FAILED =
      new ActResult(2, "eviction", "Eviction", "a score", List.of(), List.of(), false, "a reason");
  private static final Timeline TIMELINE =
      new Timeline(
          List.of(
              new Scene(
                  PASSED,
                  SECOND,
                  3 * SECOND,
                  List.of(
                      new TimedCall("Tidemark", 2 * SECOND, 12.5, false),
                      new TimedCall("Tidemark", 3 * SECOND, 20, true))),
              new Scene(FAILED, 3 * SECOND, 4 * SECOND, List.of())),
          List.of(new Sample(SECOND, 0), new Sample(4 * SECOND, 30)));
  private static final DemoReport REPORT =
      new DemoReport(4, 25, 100, 3.0, false, Map.of("Redis", "6.2.11"), List.of(PASSED, FAILED));

  @Test
  void of_report_isOnePageThatNeedsNothingElse() throws Exception {
    String page = HtmlReport.of(REPORT, TIMELINE);

    assertThat(page)
        .startsWith("<!DOCTYPE html>")
        .contains("<html lang=\"en\">", "prefers-color-scheme: dark", "width=device-width")
        .doesNotContain("<script", "http:", "https:", "url(", "@import", "<link", "<img")
        .endsWith("</html>\n");
  }

  @Test
  void of_report_hasVerdictsFiguresAndVersionsAsText() throws Exception {
    assertThat(HtmlReport.of(REPORT, TIMELINE))
        .contains("<strong class=\"fail\">FAIL</strong> 1 of 2 acts ended as promised, in 3.0 s.")
        .contains("<a href=\"#stampede\">Stampede</a>", "<h2 id=\"stampede\">Act 1: Stampede</h2>")
        .contains("Somebody &lt;did&gt; something.")
        .contains("<th scope=\"row\">callers</th><td>100</td>")
        .contains("<strong class=\"fail\">FAIL</strong> a reason.")
        .contains("<th scope=\"row\">Redis</th><td>6.2.11</td>");
  }

  @Test
  void of_report_hasATableBesideEachPlot() throws Exception {
    String page = HtmlReport.of(REPORT, TIMELINE);

    assertThat(page.split("<svg", -1)).hasSize(3);
    assertThat(page)
        .contains(
            "<th scope=\"row\">Tidemark</th><td>2</td><td>1</td><td>12.5</td><td>20.0</td><td>20.0</td>")
        .contains("<th scope=\"row\">Stampede</th><td>0.0</td><td>2.0</td><td>20</td>");
  }
}
