package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.acts.Scoreboard.Line;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreboardTest {
  private static final ActResult PASSED =
      new ActResult(
          1, "stampede", "Stampede", "100 callers", List.of(), List.of(), true, "as promised");
  private static final ActResult FAILED =
      new ActResult(
          2,
          "stale-writer",
          "Stale writer",
          "some figures",
          List.of(),
          List.of(),
          false,
          "a reason that is long enough to need a second line, because it is that long");

  @Test
  void lines_ofActs_haveTheScoreOrTheReasonInColumns() {
    List<String> lines =
        Scoreboard.lines(List.of(PASSED, FAILED)).stream().map(Line::text).toList();

    assertThat(lines)
        .containsExactly(
            "  act                 what was seen",
            "  stampede      PASS  100 callers",
            "  stale-writer  FAIL  a reason that is long enough to need a second line,",
            "                      because it is that long");
    assertThat(lines).allMatch(line -> line.length() <= Screen.WIDTH);
  }

  @Test
  void scoreboard_onAColourfulScreen_coloursTheVerdicts() {
    StringWriter text = new StringWriter();

    new Screen(new PrintWriter(text), true).scoreboard(List.of(PASSED, FAILED));

    assertThat(text.toString()).contains("\u001b[1;32mPASS\u001b[0m", "\u001b[1;31mFAIL\u001b[0m");
  }
}
