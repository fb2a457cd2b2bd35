package io.tidemark.demo.acts;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis that begins at 0 and ends at a round number.
 *
 * @param step from one number on it to the next
 * @param end the last number
 */
record Axis(double step, double end) {
  private static final int MOST_STEPS = 5;
  private static final double[] ROUND = {1, 2, 5, 10};

  /** The shortest axis of round numbers that has a value on it. */
  static Axis upTo(double value) {
    double least = Math.max(value, 1e-3) / MOST_STEPS;
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double round : ROUND) {
      if (round * power >= least * (1 - 1e-9)) {
        double step = round * power;
        return new Axis(step, step * Math.ceil(value / step * (1 - 1e-9)));
      }
    }
    throw new IllegalStateException("no round number for " + value);
  }

  /** The numbers on it. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; i * step <= end * (1 + 1e-9); i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** Where a value lies, 0 to 1. */
  double share(double value) {
    return end == 0 ? 0 : Math.min(1, Math.max(0, value / end));
  }

  /** A number as it is written beside the axis. */
  String text(double tick) {
    int decimals = step >= 1 ? 0 : (int) Math.ceil(-Math.log10(step) - 1e-9);
    return String.format(Locale.ROOT, "%." + decimals + "f", tick);
  }
}
