package io.tidemark.bench;

import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How much time is spent on one run. Immutable.
 *
 * @param warmups how many iterations there are to warm up
 * @param iterations how many there are to measure
 * @param iteration how long each of them is, unless the mode says how often it calls
 * @param mode in place of the benchmark's own
 * @param slots how many slots a verb is called for in each of them
 * @param dropped how many dropped entries are read in each of them
 * @param keys how many cold keys are read
 * @param entries of how many the memory is found
 * @param forks 1 for a virtual machine of its own for each run of JMH, 0 for the one that is there
 * @param options of such a virtual machine
 */
record Effort(
    int warmups,
    int iterations,
    TimeValue iteration,
    Optional<Mode> mode,
    int slots,
    int dropped,
    int keys,
    int entries,
    int forks,
    List<String> options) {
  /** Enough for the compiler to have done its work. */
  static final Effort FULL =
      new Effort(
          8,
          3,
          TimeValue.seconds(1),
          Optional.empty(),
          2_000,
          1_000,
          10,
          10_000,
          1,
          List.of("-Xmx1g"));

  /**
   * Shows only that everything works, in a virtual machine that has started already. It counts
   * calls: in a short time, a busy machine may do none.
   */
  static final Effort SMOKE =
      new Effort(
          1, 1, TimeValue.NONE, Optional.of(Mode.SingleShotTime), 10, 10, 1, 10, 0, List.of());
}
