package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private static final ActResult RESULT =
      new ActResult(
          1,
          "name",
          "Title",
          "score",
          List.of("Something was done. ".repeat(8).strip()),
          List.of(new Figure("count", 7L, ""), new Figure("time", 1.5, "ms")),
          false,
          "a reason that is long enough to need a second line, because it is that long");

  private final StringWriter text = new StringWriter();

  @Test
  void wrap_longText_breaksAtSpaces() {
    assertThat(Screen.wrap("one two three", 7)).containsExactly("one two", "three");
  }

  @Test
  void wrap_wordLongerThanTheLine_staysWhole() {
    assertThat(Screen.wrap("a unbreakable b", 5)).containsExactly("a", "unbreakable", "b");
  }

  @Test
  void wrap_emptyText_isOneEmptyLine() {
    assertThat(Screen.wrap("", 5)).containsExactly("");
  }

  @Test
  void result_plain_fitsTheWidthAndHasNoColour() {
    new Screen(new PrintWriter(text), false).result(RESULT);

    assertThat(text.toString())
        .contains("    count ..", ".. 7\n", ".. 1.5 ms\n", "  FAIL  a reason")
        .doesNotContain("\u001b");
    assertThat(text.toString().lines()).allMatch(line -> line.length() <= Screen.WIDTH);
  }

  @Test
  void result_longFigure_isBrokenAtItsSpaces() {
    ActResult wide =
        new ActResult(
            1,
            "name",
            "Title",
            "score",
            List.of(),
            List.of(new Figure("times", "12345.6 12345.6 12345.6 12345.6 12345.6", "ms")),
            true,
            "a reason");

    new Screen(new PrintWriter(text), false).result(wide);

    assertThat(text.toString()).contains(".. 12345.6 12345.6 12345.6 12345.6\n", "  12345.6 ms\n");
    assertThat(text.toString().lines()).allMatch(line -> line.length() <= Screen.WIDTH);
  }

  @Test
  void result_onATerminal_coloursTheVerdict() {
    new Screen(new PrintWriter(text), true).result(RESULT);

    assertThat(text.toString()).contains("\u001b[1;31mFAIL\u001b[0m");
  }
}
