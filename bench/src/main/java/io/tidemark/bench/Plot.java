package io.tidemark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A plot of ratios as SVG: for each row a line from the lowest to the highest, and a dot at the
 * median, which is written to the right as well. Each step to the right doubles the ratio, so that
 * half and double are equally far from 1. What lies beyond the widest field is drawn at its edge.
 */
final class Plot {
  private static final int TITLES_WIDTH = 280;
  private static final int FIELD_WIDTH = 500;
  private static final int NUMBERS_WIDTH = 60;
  private static final int ROW_HEIGHT = 24;
  private static final int TOP = 40;
  private static final int BOTTOM = 30;

  /** Around what is drawn. */
  static final int MARGIN = 20;

  // A cache in the process is a thousand times as fast as any other, which it must not hide.
  private static final int LEAST_POWER = -6;
  private static final int MOST_POWER = 6;

  private final int leastPower;
  private final int mostPower;
  private final StringBuilder marks = new StringBuilder();

  private Plot(int leastPower, int mostPower) {
    this.leastPower = leastPower;
    this.mostPower = mostPower;
  }

  /**
   * A row of it.
   *
   * @param title written to its left
   * @param spread all 0 or more
   * @param number the median, written to its right
   */
  record Row(String title, Spread spread, String number) {}

  /**
   * The plot, for a file of its own.
   *
   * @param title what is seen
   * @param unit of the ratios
   */
  static String svg(String title, String unit, List<Row> rows) {
    List<Double> ends = new ArrayList<>(List.of(0.5, 2.0));
    for (Row row : rows) {
      ends.add(row.spread().least());
      ends.add(row.spread().most());
    }
    Spread all = Spread.of(ends);
    Plot plot =
        new Plot(
            Math.max(LEAST_POWER, (int) Math.floor(log2(all.least()))),
            Math.min(MOST_POWER, (int) Math.ceil(log2(all.most()))));
    return plot.draw(title, unit, rows);
  }

  private String draw(String title, String unit, List<Row> rows) {
    int bottom = TOP + rows.size() * ROW_HEIGHT;
    int width = TITLES_WIDTH + FIELD_WIDTH + NUMBERS_WIDTH + 2 * MARGIN;
    int height = bottom + BOTTOM;
    grid(bottom);
    for (int i = 0; i < rows.size(); i++) {
      row(rows.get(i), TOP + i * ROW_HEIGHT + ROW_HEIGHT / 2);
    }
    return document(title, unit, width, height, marks);
  }

  /**
   * A plot as a file of its own.
   *
   * @param unit of what is drawn, written to the right of the title
   * @param marks what is drawn below both
   */
  static String document(String title, String unit, int width, int height, CharSequence marks) {
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" aria-label="%3$s" font-family="sans-serif" font-size="12">
        <rect width="%1$d" height="%2$d" fill="#fff"/>
        <text x="%4$d" y="20" font-weight="bold">%3$s</text>
        <text x="%5$d" y="20" text-anchor="end" fill="#555">%6$s</text>
        %7$s</svg>
        """
        .formatted(width, height, escape(title), MARGIN, width - MARGIN, escape(unit), marks);
  }

  private void grid(int bottom) {
    for (int power = leastPower; power <= mostPower; power++) {
      String x = across(Math.pow(2, power));
      mark("<path d=\"M%s %dV%d\" stroke=\"%s\"/>", x, TOP, bottom, power == 0 ? "#555" : "#ddd");
      mark(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>",
          x, bottom + 16, power < 0 ? "1/" + (1 << -power) : Integer.toString(1 << power));
    }
  }

  private void row(Row row, int y) {
    Spread spread = row.spread();
    mark(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
        TITLES_WIDTH, y + 4, escape(row.title()));
    mark(
        "<path d=\"M%s %dH%s\" stroke=\"#2b6cb0\" stroke-width=\"4\" stroke-opacity=\"0.4\"/>",
        across(spread.least()), y, across(spread.most()));
    mark("<circle cx=\"%s\" cy=\"%d\" r=\"4\" fill=\"#2b6cb0\"/>", across(spread.median()), y);
    mark(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
        TITLES_WIDTH + FIELD_WIDTH + NUMBERS_WIDTH + MARGIN, y + 4, escape(row.number()));
  }

  private void mark(String format, Object... values) {
    marks.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private String across(double ratio) {
    double power = Math.max(leastPower, Math.min(mostPower, log2(ratio)));
    double share = (power - leastPower) / (mostPower - leastPower);
    return String.format(Locale.ROOT, "%.1f", TITLES_WIDTH + MARGIN + share * FIELD_WIDTH);
  }

  private static double log2(double ratio) {
    return Math.log(ratio) / Math.log(2);
  }

  /** A text for the inside of an element or an attribute. */
  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
