package io.tidemark.bench;

import java.util.List;

/**
 * The figures of all rounds.
 *
 * @param rounds how many there were
 * @param least the lowest
 * @param median the middle one, or the mean of the two in the middle
 * @param most the highest
 */
record Spread(int rounds, double least, double median, double most) {
  /** Of how few rounds nothing is claimed. */
  static final int LEAST_ROUNDS = 5;

  /** Of figures, of which there must be one at least. */
  static Spread of(List<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(sorted.length, sorted[0], median, sorted[sorted.length - 1]);
  }

  /** Whether no round contradicts that there is a difference, and there were enough of them. */
  boolean shows(double same) {
    return rounds >= LEAST_ROUNDS && (most < same || least > same);
  }
}
