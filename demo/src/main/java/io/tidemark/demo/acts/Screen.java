package io.tidemark.demo.acts;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Shows the demo on a terminal, or in a file, {@value #WIDTH} columns wide. Not thread-safe. */
final class Screen {
  static final int WIDTH = 80;

  private static final String INDENT = "  ";
  private static final int FIGURE_NAME_WIDTH = 42;

  private enum Style {
    BOLD("1"),
    GREEN("1;32"),
    RED("1;31");

    private final String code;

    Style(String code) {
      this.code = code;
    }
  }

  private final PrintWriter out;
  private final boolean colour;

  Screen(PrintWriter out, boolean colour) {
    this.out = out;
    this.colour = colour;
  }

  /** A headline, with an empty line before it. */
  void headline(String text) {
    out.println();
    out.println(styled(Style.BOLD, text));
    out.flush();
  }

  /** A paragraph. */
  void paragraph(String text) {
    wrapped(INDENT, text);
    out.flush();
  }

  /** Some names with what they stand for. */
  void row(String name, String value) {
    out.printf("%s%-12s%s%n", INDENT, name, value);
    out.flush();
  }

  /** The acts, each with what it shows. */
  void list(List<Playbill.Entry> acts) {
    for (Playbill.Entry act : acts) {
      String needs = act.needs().isEmpty() ? "" : " (" + act.needs() + ")";
      out.println(styled(Style.BOLD, act.name()) + ": " + act.title() + needs);
      wrapped(INDENT, act.shows());
    }
    out.flush();
  }

  /** The outcome of all acts. */
  void scoreboard(List<ActResult> acts) {
    for (Scoreboard.Line line : Scoreboard.lines(acts)) {
      String word = line.kind().name();
      out.println(
          switch (line.kind()) {
            case PASS -> line.text().replaceFirst(word, styled(Style.GREEN, word));
            case FAIL -> line.text().replaceFirst(word, styled(Style.RED, word));
            case NEITHER -> line.text();
          });
    }
    out.flush();
  }

  /** What came of an act whose headline is there already. */
  void result(ActResult result) {
    result.done().forEach(sentence -> wrapped(INDENT, sentence));
    if (!result.figures().isEmpty()) {
      out.println();
      result.figures().forEach(this::figure);
    }
    out.println();
    verdict(result.passed(), result.verdict());
    out.flush();
  }

  /** PASS or FAIL, and why. */
  void verdict(boolean passed, String reason) {
    String word = passed ? "PASS" : "FAIL";
    List<String> lines = wrap(reason, WIDTH - 2 * INDENT.length() - word.length());
    out.println(INDENT + styled(passed ? Style.GREEN : Style.RED, word) + INDENT + lines.get(0));
    String margin = INDENT + " ".repeat(word.length()) + INDENT;
    lines.subList(1, lines.size()).forEach(line -> out.println(margin + line));
    out.flush();
  }

  private void figure(Figure figure) {
    String name = figure.name() + " ";
    String dots = ".".repeat(Math.max(2, FIGURE_NAME_WIDTH - name.length()));
    String beginning = INDENT + INDENT + name + dots + " ";
    List<String> values = wrap(figure.text(), WIDTH - beginning.length());
    out.println(beginning + values.get(0));
    String margin = " ".repeat(beginning.length());
    values.subList(1, values.size()).forEach(line -> out.println(margin + line));
  }

  private void wrapped(String margin, String text) {
    wrap(text, WIDTH - margin.length()).forEach(line -> out.println(margin + line));
  }

  private String styled(Style style, String text) {
    return colour ? "\u001b[" + style.code + "m" + text + "\u001b[0m" : text;
  }

  /** Breaks a text at its spaces; lines of the text stay lines. Never empty. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    for (String paragraph : text.split("\n", -1)) {
      StringBuilder line = new StringBuilder();
      for (String word : paragraph.split(" ", -1)) {
        if (line.length() > 0 && line.length() + 1 + word.length() > width) {
          lines.add(line.toString());
          line.setLength(0);
        }
        line.append(line.length() == 0 ? "" : " ").append(word);
      }
      lines.add(line.toString());
    }
    return lines;
  }
}
