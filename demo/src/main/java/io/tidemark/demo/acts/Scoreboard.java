package io.tidemark.demo.acts;

import java.util.ArrayList;
import java.util.List;

/** The outcome of all acts at a glance: a table of {@link Screen#WIDTH} columns at most. */
final class Scoreboard {
  private static final String MARGIN = "  ";
  private static final String ACT = "act";
  private static final String WORD_WIDTH = "%-4s";

  private final int nameWidth;

  private Scoreboard(int nameWidth) {
    this.nameWidth = nameWidth;
  }

  /** A line of the table, and whether it tells that an act passed; in between, neither is told. */
  record Line(String text, Kind kind) {
    /** What a line tells. */
    enum Kind {
      PASS,
      FAIL,
      NEITHER
    }
  }

  static List<Line> lines(List<ActResult> acts) {
    int widest = acts.stream().mapToInt(act -> act.name().length()).max().orElse(0);
    return new Scoreboard(Math.max(ACT.length(), widest)).table(acts);
  }

  private List<Line> table(List<ActResult> acts) {
    List<Line> lines = new ArrayList<>();
    lines.add(new Line(row(ACT, "", "what was seen"), Line.Kind.NEITHER));
    for (ActResult act : acts) {
      List<String> texts = Screen.wrap(text(act), Screen.WIDTH - row("", "", "").length());
      Line.Kind kind = act.passed() ? Line.Kind.PASS : Line.Kind.FAIL;
      lines.add(new Line(row(act.name(), kind.name(), texts.get(0)), kind));
      texts
          .subList(1, texts.size())
          .forEach(text -> lines.add(new Line(row("", "", text), Line.Kind.NEITHER)));
    }
    return lines;
  }

  private String row(String name, String word, String text) {
    return MARGIN
        + name
        + " ".repeat(nameWidth - name.length())
        + MARGIN
        + WORD_WIDTH.formatted(word)
        + MARGIN
        + text;
  }

  /** The figures that tell most; of an act that failed, the reason. */
  private static String text(ActResult act) {
    return act.passed() ? act.score() : act.verdict();
  }
}
