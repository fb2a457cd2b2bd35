package io.tidemark.bench;

import java.util.List;
import java.util.Locale;

/**
 * A plot of bars as SVG, each with its parts side by side, and each part told below. A part that
 * was less than nothing, as one of no length can be by chance, is told and not drawn.
 */
final class StackedPlot {
  private static final List<String> COLORS =
      List.of("#2b6cb0", "#dd6b20", "#38a169", "#805ad5", "#d69e2e");
  private static final int WIDTH = 820;
  private static final int TOP = 40;
  private static final int BAR_HEIGHT = 22;
  private static final int LINE_HEIGHT = 18;
  private static final int SQUARE = 10;

  private final double longest;
  private final StringBuilder marks = new StringBuilder();

  private StackedPlot(double longest) {
    this.longest = longest;
  }

  /**
   * A bar.
   *
   * @param length the number beside its title
   */
  record Bar(String title, double length, List<Part> parts) {
    private double drawn() {
      return parts.stream().mapToDouble(Part::drawn).sum();
    }
  }

  /** A part of a bar. */
  record Part(String title, double length) {
    private double drawn() {
      return Math.max(0, length);
    }
  }

  /**
   * The plot, for a file of its own.
   *
   * @param unit of the lengths
   */
  static String svg(String title, String unit, List<Bar> bars) {
    StackedPlot plot = new StackedPlot(bars.stream().mapToDouble(Bar::drawn).max().orElseThrow());
    int y = TOP;
    for (Bar bar : bars) {
      y = plot.draw(bar, y);
    }
    return Plot.document(title, unit, WIDTH + 2 * Plot.MARGIN, y, plot.marks);
  }

  /** Draws a bar, and returns where the next one begins. */
  private int draw(Bar bar, int top) {
    text(Plot.MARGIN, top + SQUARE, "%s: %s".formatted(bar.title(), number(bar.length())));
    int y = top + LINE_HEIGHT;
    double x = Plot.MARGIN;
    for (int i = 0; i < bar.parts().size(); i++) {
      double width = bar.parts().get(i).drawn() / longest * WIDTH;
      rectangle(x, y, width, BAR_HEIGHT, i);
      x += width;
    }
    y += BAR_HEIGHT + LINE_HEIGHT / 2;
    for (int i = 0; i < bar.parts().size(); i++) {
      Part part = bar.parts().get(i);
      rectangle(Plot.MARGIN, y, SQUARE, SQUARE, i);
      text(
          Plot.MARGIN + 2 * SQUARE,
          y + SQUARE,
          "%s: %s".formatted(part.title(), number(part.length())));
      y += LINE_HEIGHT;
    }
    return y + LINE_HEIGHT;
  }

  private void rectangle(double x, int y, double width, int height, int color) {
    marks.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
            x,
            y,
            width,
            height,
            COLORS.get(color % COLORS.size())));
  }

  private void text(int x, int y, String text) {
    marks.append("<text x=\"%d\" y=\"%d\">%s</text>\n".formatted(x, y, Plot.escape(text)));
  }

  private static String number(double length) {
    return String.format(Locale.ROOT, "%.2f", length);
  }
}
