package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFilesTest {
  private static final DemoReport REPORT =
      new DemoReport(
          4,
          25,
          100,
          12.5,
          false,
          Map.of("Redis", "6.2.11"),
          List.of(
              new ActResult(
                  1,
                  "stampede",
                  "Stampede",
                  "a score",
                  List.of("Something was done."),
                  List.of(new Figure("time", 1.5, "ms")),
                  true,
                  "as promised"),
              new ActResult(
                  2, "tidemark", "Tidemark", "", List.of(), List.of(), false, "a reason")));

  private static final DemoRun.Outcome OUTCOME =
      new DemoRun.Outcome(REPORT, new Timeline(List.of(), List.of()));

  @Test
  void write_report_isMarkdownForPeople(@TempDir Path folder) throws Exception {
    ReportFiles.in(folder.resolve("new/folder")).write(OUTCOME);

    assertThat(Files.readString(folder.resolve("new/folder/report.md")))
        .isEqualTo(
            """
            # Tidemark demo

            4 processes, 25 callers each, loads of 100 ms.

            **FAIL**: 1 of 2 acts ended as promised, in 12.5 s.

            ## Act 1: Stampede

            Something was done.

            | | |
            |---|---|
            | time | 1.5 ms |

            **PASS**: as promised.

            ## Act 2: Tidemark

            **FAIL**: a reason.

            ## Versions

            | | |
            |---|---|
            | Redis | 6.2.11 |
            """);
  }

  @Test
  void write_report_isJsonForPrograms(@TempDir Path folder) throws Exception {
    ReportFiles.in(folder).write(OUTCOME);

    JsonNode json = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    assertThat(json.get("processes").intValue()).isEqualTo(4);
    assertThat(json.get("passed").booleanValue()).isFalse();
    assertThat(json.at("/acts/0/figures/0/value").doubleValue()).isEqualTo(1.5);
    assertThat(json.at("/acts/0/figures/0/unit").textValue()).isEqualTo("ms");
    assertThat(json.at("/versions/Redis").textValue()).isEqualTo("6.2.11");
    assertThat(json.at("/acts/1/verdict").textValue()).isEqualTo("a reason");
  }
}
