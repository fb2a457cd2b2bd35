package io.tidemark.demo.acts;

import io.tidemark.demo.acts.Plot.Point;
import io.tidemark.demo.acts.Timeline.Sample;
import io.tidemark.demo.acts.Timeline.Scene;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How many reads the database counted per second.
 *
 * @param seconds how long the run took
 * @param steps the rate from each second on, until the next
 */
record ReadRates(Timeline timeline, double seconds, List<Point> steps) {
  private static final double MICROS_PER_SECOND = 1_000_000;
  private static final int MOST_STEPS = 200;

  static ReadRates of(Timeline timeline) {
    double seconds = (timeline.endedAtMicros() - timeline.beganAtMicros()) / MICROS_PER_SECOND;
    double width = Math.max(1, seconds / MOST_STEPS);
    List<Point> steps =
        Stream.iterate(0.0, from -> from < seconds, from -> from + width)
            .map(
                from -> {
                  double before = count(timeline, micros(timeline, from));
                  double after = count(timeline, micros(timeline, from + width));
                  return new Point(from, (after - before) / width);
                })
            .toList();
    return new ReadRates(timeline, seconds, steps);
  }

  double most() {
    return steps.stream().mapToDouble(Point::value).max().orElse(0);
  }

  /** How many reads the database counted during an act. */
  String readsText(Scene scene) {
    return timeline.reads().isEmpty()
        ? "not counted"
        : Long.toString(
            Math.round(
                count(timeline, (double) scene.endedAtMicros())
                    - count(timeline, (double) scene.beganAtMicros())));
  }

  private static double micros(Timeline timeline, double second) {
    return timeline.beganAtMicros() + second * MICROS_PER_SECOND;
  }

  /** What the counter was at a time: between two samples, as if it had risen steadily. */
  private static double count(Timeline timeline, double micros) {
    @Nullable Sample before = null;
    for (Sample sample : timeline.reads()) {
      if (sample.atMicros() >= micros) {
        if (before == null) {
          return sample.reads();
        }
        double share = (micros - before.atMicros()) / (sample.atMicros() - before.atMicros());
        return before.reads() + share * (sample.reads() - before.reads());
      }
      before = sample;
    }
    return before == null ? 0 : before.reads();
  }
}
