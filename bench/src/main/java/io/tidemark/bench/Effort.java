package io.tidemark.bench;

import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How much time is spent on one run. Immutable.
 *
 * @param iterations how many there are, to warm up and once more to measure
 * @param iteration how long each of them is
 * @param slots how many slots a verb is called for in each of them
 */
record Effort(int iterations, TimeValue iteration, int slots) {
  /** Enough for the compiler to have done its work. */
  static final Effort FULL = new Effort(3, TimeValue.seconds(1), 10_000);

  /** Shows only that everything works. */
  static final Effort SMOKE = new Effort(1, TimeValue.milliseconds(20), 10);
}
