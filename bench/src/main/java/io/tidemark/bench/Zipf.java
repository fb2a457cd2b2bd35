package io.tidemark.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Items of which the n-th is wanted 1/n times as often as the first. Immutable. */
final class Zipf {
  private static final double PRECISION = 1e-9;

  private final double[] probabilities;

  /** For each item, the probability of it or of one before. */
  private final double[] cumulated;

  Zipf(int items) {
    this.probabilities = new double[items];
    this.cumulated = new double[items];
    double sum = 0;
    for (int i = 0; i < items; i++) {
      sum += 1.0 / (i + 1);
    }
    double until = 0;
    for (int i = 0; i < items; i++) {
      probabilities[i] = 1 / (sum * (i + 1));
      until += probabilities[i];
      cumulated[i] = until;
    }
  }

  /** The next item, from 0. */
  int next(SplittableRandom random) {
    int found = Arrays.binarySearch(cumulated, random.nextDouble());
    return Math.min(found < 0 ? -found - 1 : found, cumulated.length - 1);
  }

  /**
   * The part of reads that find an entry, if an entry lives for as long as so many reads of any
   * item take. An item with the probability p is read p times the reads in that time, once more
   * than there are hits.
   */
  double hits(double readsInLife) {
    double misses = 0;
    for (double probability : probabilities) {
      misses += probability / (1 + probability * readsInLife);
    }
    return 1 - misses;
  }

  /** How many reads an entry must live for so that this part of the reads find one. */
  double readsInLife(double hits) {
    double less = 0;
    double more = 1;
    while (hits(more) < hits) {
      more *= 2;
    }
    while (more - less > PRECISION * more) {
      double middle = (less + more) / 2;
      if (hits(middle) < hits) {
        less = middle;
      } else {
        more = middle;
      }
    }
    return more;
  }
}
