package io.tidemark.demo.acts;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A plot against the seconds of a run, as HTML: the marks are SVG that stretches with the page; the
 * numbers are text beside it, which does not. Not thread-safe.
 */
final class Plot {
  private static final int WIDTH = 1_000;
  private static final int HEIGHT = 300;

  /** How many colours the style sheet has. */
  private static final int COLOURS = 4;

  private final String label;
  private final String unit;
  private final Axis x;
  private final Axis y;
  private final StringBuilder marks = new StringBuilder();
  private final List<String> legend = new ArrayList<>();

  /**
   * Begins a plot.
   *
   * @param label what is seen, for people who do not see it
   * @param unit of the values, written beside their axis
   */
  Plot(String label, String unit, double seconds, double mostValue) {
    this.label = label;
    this.unit = unit;
    this.x = Axis.upTo(seconds);
    this.y = Axis.upTo(mostValue);
  }

  /** A place in it. */
  record Point(double seconds, double value) {}

  /** Adds a dot for each point, under a name of their own; points at one place are drawn once. */
  void dots(String name, List<Point> points) {
    Set<String> places = new LinkedHashSet<>();
    for (Point point : points) {
      places.add("M%d %dh0".formatted(across(point.seconds()), down(point.value())));
    }
    int number = legend.size() % COLOURS;
    add("dots c" + number, String.join("", places));
    legend.add("<li class=\"c%d\">%s</li>".formatted(number, Html.escape(name)));
  }

  /** Marks calls that failed, which are dots of some series already. */
  void failures(List<Point> points) {
    if (points.isEmpty()) {
      return;
    }
    Set<String> places = new LinkedHashSet<>();
    for (Point point : points) {
      places.add("M%d %dv-12".formatted(across(point.seconds()), down(point.value()) + 6));
    }
    add("failures", String.join("", places));
    legend.add("<li class=\"failures\">failed</li>");
  }

  /** Fills what lies below values that hold from their second to that of the next. */
  void area(List<Point> steps) {
    StringBuilder path = new StringBuilder("M0 " + HEIGHT);
    for (Point step : steps) {
      path.append("H%d".formatted(across(step.seconds())));
      path.append("V%d".formatted(down(step.value())));
    }
    path.append("V%dZ".formatted(HEIGHT));
    add("area", path.toString());
  }

  /** Marks a moment, with a word below the axis. */
  void moment(double seconds, String word) {
    add("moment", "M%d 0V%d".formatted(across(seconds), HEIGHT));
    legend.add(
        "<li class=\"moment\">%s: from second %s</li>"
            .formatted(Html.escape(word), String.format(Locale.ROOT, "%.1f", seconds)));
  }

  String html() {
    StringBuilder html = new StringBuilder("<div class=\"plot\">\n");
    html.append("<p class=\"unit\">%s</p>\n<div class=\"field\">\n".formatted(Html.escape(unit)));
    html.append(
        "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, HEIGHT, Html.escape(label)));
    for (double tick : y.ticks()) {
      html.append("<path class=\"grid\" d=\"M0 %dH%d\"/>".formatted(down(tick), WIDTH));
    }
    html.append(marks).append("\n</svg>\n");
    y.ticks().forEach(tick -> html.append(tick("y", "bottom", y, tick)));
    x.ticks().forEach(tick -> html.append(tick("x", "left", x, tick)));
    html.append("</div>\n<p class=\"unit right\">seconds</p>\n");
    if (!legend.isEmpty()) {
      html.append("<ul class=\"legend\">%s</ul>\n".formatted(String.join("", legend)));
    }
    return html.append("</div>\n").toString();
  }

  private static String tick(String kind, String side, Axis axis, double tick) {
    return "<span class=\"%s\" style=\"%s:%s%%\" aria-hidden=\"true\">%s</span>\n"
        .formatted(
            kind,
            side,
            String.format(Locale.ROOT, "%.2f", 100 * axis.share(tick)),
            axis.text(tick));
  }

  private void add(String classes, String path) {
    marks.append("<path class=\"%s\" d=\"%s\"/>".formatted(classes, path));
  }

  private long across(double seconds) {
    return Math.round(WIDTH * x.share(seconds));
  }

  private long down(double value) {
    return Math.round(HEIGHT * (1 - y.share(value)));
  }
}
