package io.tidemark.bench;

import java.util.Locale;

/** How a sample is told: only beside that of the base, of the same round. */
enum Comparison {
  /** The ratio of the times of an operation. */
  TIME("time, base = 1", 1) {
    @Override
    double of(Sample sample, Sample base) {
      return sample.micros() / base.micros();
    }

    @Override
    String text(double figure) {
      return ratio(figure);
    }
  },
  /** The ratio of the operations in the same time. */
  RATE("operations a second, base = 1", 1) {
    @Override
    double of(Sample sample, Sample base) {
      return base.micros() / sample.micros();
    }

    @Override
    String text(double figure) {
      return ratio(figure);
    }
  },
  /** The memory that an operation takes and the base's does not. */
  ALLOCATION("bytes allocated by an operation, base = 0", 0) {
    @Override
    double of(Sample sample, Sample base) {
      return sample.bytes() - base.bytes();
    }

    @Override
    String text(double figure) {
      return String.format(Locale.ROOT, "%+,.0f", figure);
    }
  };

  private final String title;
  private final double same;

  Comparison(String title, double same) {
    this.title = title;
    this.same = same;
  }

  /** What the figures are, for the head of a table. */
  String title() {
    return title;
  }

  /** The figure of a sample that does not differ from the base's. */
  double same() {
    return same;
  }

  /** The figure of a sample. */
  abstract double of(Sample sample, Sample base);

  /** A figure as tables write it. */
  abstract String text(double figure);

  private static String ratio(double figure) {
    int decimals = figure < 0.1 ? 3 : figure < 10 ? 2 : 0;
    return String.format(Locale.ROOT, "%,." + decimals + "f", figure);
  }
}
