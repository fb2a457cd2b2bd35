package io.tidemark.demo.acts;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What happened when, for plots. All times are in microseconds since 1970.
 *
 * @param scenes the acts, one after the other
 * @param reads what the database had counted, at growing times
 */
record Timeline(List<Scene> scenes, List<Sample> reads) {
  /**
   * One act.
   *
   * @param act what came of it
   * @param calls those that were timed; none where an act holds its calls itself
   */
  record Scene(ActResult act, long beganAtMicros, long endedAtMicros, List<TimedCall> calls) {}

  /** How many reads of products the database had counted by then. */
  record Sample(long atMicros, long reads) {}

  /** This process's clock. */
  static long microsNow() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  long beganAtMicros() {
    return scenes.isEmpty() ? 0 : scenes.get(0).beganAtMicros();
  }

  long endedAtMicros() {
    return scenes.isEmpty() ? 0 : scenes.get(scenes.size() - 1).endedAtMicros();
  }
}
