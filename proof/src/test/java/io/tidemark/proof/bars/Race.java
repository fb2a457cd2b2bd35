package io.tidemark.proof.bars;

import java.util.Arrays;
import java.util.Locale;

/**
 * A work against another one: both alternate, and each round has a ratio of its own, so that
 * whatever else the machine does meanwhile weighs on both.
 *
 * @param name what is compared
 * @param bar the largest ratio that is good
 * @param work what is measured
 * @param other what it is compared with
 */
record Race(String name, double bar, Timed work, Timed other) {
  /** A work that is repeated. */
  @FunctionalInterface
  interface Timed {
    /** Does it, and returns how long that took in nanoseconds, for one. */
    double nanos();

    /** Repeats a task. */
    static Timed of(int times, Runnable task) {
      return () -> {
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
          task.run();
        }
        return (System.nanoTime() - start) / (double) times;
      };
    }
  }

  /**
   * Runs it.
   *
   * @param warmups rounds that do not count, until the virtual machine has compiled what it runs
   * @return a line for people
   */
  String run(int warmups, int rounds) {
    for (int i = 0; i < warmups; i++) {
      work.nanos();
      other.nanos();
    }
    double[] ratios = new double[rounds];
    double[] works = new double[rounds];
    double[] others = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      // Each is first in half of the rounds: what one leaves to be done later falls to both.
      if (i % 2 == 0) {
        works[i] = work.nanos();
        others[i] = other.nanos();
      } else {
        others[i] = other.nanos();
        works[i] = work.nanos();
      }
      ratios[i] = works[i] / others[i];
    }
    return String.format(
        Locale.ROOT,
        "%s: %.2f (quartiles %.2f and %.2f, bar %.1f; medians %.3f and %.3f ms, %d rounds)",
        name,
        quantile(ratios, 0.5),
        quantile(ratios, 0.25),
        quantile(ratios, 0.75),
        bar,
        quantile(works, 0.5) / 1e6,
        quantile(others, 0.5) / 1e6,
        rounds);
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
