package io.tidemark.bench;

import java.util.List;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How much time is spent on one run. Immutable.
 *
 * @param warmups how many iterations there are to warm up
 * @param iterations how many there are to measure
 * @param iteration how long each of them is
 * @param slots how many slots a verb is called for in each of them
 * @param keys how many cold keys are read
 * @param options of the virtual machine that is measured by JMH
 */
record Effort(
    int warmups, int iterations, TimeValue iteration, int slots, int keys, List<String> options) {
  /** Enough for the compiler to have done its work. */
  static final Effort FULL = new Effort(5, 3, TimeValue.seconds(1), 5_000, 10, List.of("-Xmx1g"));

  /** Shows only that everything works, on a virtual machine that starts fast. */
  static final Effort SMOKE =
      new Effort(
          1,
          1,
          TimeValue.milliseconds(20),
          10,
          1,
          List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
}
