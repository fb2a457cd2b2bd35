package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.demo.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(1800)
class DemoIT {
  private static final String TWO = "2";
  private static final Pattern PID = Pattern.compile("\\bpid ([0-9]+)");

  @TempDir private Path folder = Path.of("");

  @Test
  void demo_playedByTwoProcesses_everyActEndsAsPromisedAndNothingIsLeft() throws Exception {
    assertPlayed(acts(false), "--processes", TWO);
  }

  @Test
  @Tag("thorough")
  void demo_playedOnAFleet_everyActEndsAsPromisedAndNothingIsLeft() throws Exception {
    assertPlayed(acts(true), "--fleet", "--processes", TWO);
  }

  @Test
  void demo_someActsAsJson_printsTheReportAloneAndEverythingElseBeside() throws Exception {
    try (Program demo =
        Program.start(
            folder,
            "demo",
            "--json",
            "--act",
            "tidemark",
            "--act",
            "stampede",
            "--processes",
            TWO)) {
      String output = String.join("\n", demo.readToEnd());

      assertThat(demo.awaitExit()).as(output + demo.errors()).isZero();
      JsonNode json = new ObjectMapper().readTree(output);
      assertThat(json.get("acts"))
          .extracting(act -> act.get("name").textValue())
          .containsExactly("stampede", "tidemark");
      assertThat(demo.errors()).contains("Act 2: Tidemark");
      assertThat(PID.matcher(demo.errors()).results())
          .isNotEmpty()
          .noneMatch(pid -> ProcessHandle.of(Long.parseLong(pid.group(1))).isPresent());
      assertThat(demo.leftFiles()).isEmpty();
    }
  }

  @Test
  @Tag("thorough")
  void demo_playedByAsManyProcessesAsUsual_everyActEndsAsPromised() throws Exception {
    assertPlayed(acts(false));
  }

  @Test
  @Tag("thorough")
  void demo_sigtermInAnAct_leavesNothing() throws Exception {
    try (Program demo = Program.start(folder, "demo", "--processes", TWO)) {
      demo.readTo("Act 3");

      demo.terminate();

      assertThat(demo.awaitExit()).isEqualTo(Program.SIGTERM_EXIT);
      demo.assertNothingLeft();
      assertThat(demo.errors()).isEmpty();
    }
  }

  @Test
  @Tag("thorough")
  void demo_killedInAnAct_leavesNothing() throws Exception {
    try (Program demo = Program.start(folder, "demo", "--processes", TWO)) {
      demo.readTo("Act 3");

      demo.kill();

      demo.awaitExit();
      demo.awaitNothingLeft();
    }
  }

  @Test
  @Tag("thorough")
  void demo_nodeDies_saysWhichAndStops() throws Exception {
    try (Program demo = Program.start(folder, "demo", "--processes", TWO)) {
      List<String> lines = demo.readTo("node 2");

      Program.process(lines.get(lines.size() - 1)).destroyForcibly();

      demo.readToEnd();
      assertThat(demo.awaitExit()).isEqualTo(1);
      assertThat(demo.errors())
          .startsWith("node 2 (pid ")
          .contains("died unexpectedly; the end of its log:");
      demo.assertNothingLeft();
    }
  }

  private static int acts(boolean isFleet) {
    return Playbill.choose(List.of(), isFleet).size();
  }

  private void assertPlayed(int acts, String... options) throws Exception {
    Path report = folder.resolve("report");
    List<String> command = new ArrayList<>(List.of("demo", "--report", report.toString()));
    command.addAll(List.of(options));
    try (Program demo = Program.start(folder, command.toArray(String[]::new))) {
      demo.readTo("Act 1");
      List<String> lines = demo.readToEnd();

      assertThat(demo.awaitExit()).as(String.join("\n", lines)).isZero();
      assertThat(lines).noneMatch(line -> line.strip().startsWith("FAIL"));
      assertThat(lines.subList(lines.indexOf("Scoreboard"), lines.size()))
          .filteredOn(line -> line.matches("  [a-z-]+ +PASS  \\S.*"))
          .hasSize(acts);
      assertThat(lines).allMatch(line -> line.length() <= Screen.WIDTH);
      assertThat(demo.errors()).isEmpty();
      demo.assertNothingLeft();
      assertThat(Files.readString(report.resolve("report.md")))
          .contains("**PASS**: %d of %d acts".formatted(acts, acts));
      JsonNode json = new ObjectMapper().readTree(report.resolve("report.json").toFile());
      assertThat(json.get("passed").booleanValue()).isTrue();
      assertThat(json.get("acts")).hasSize(acts);
      assertThat(json.get("versions"))
          .hasSize(8)
          .noneMatch(version -> version.textValue().equals("not told"));
      assertThat(Files.readString(report.resolve("report.html")))
          .contains("calls to", "Database reads of each act", "</html>");
    }
  }
}
