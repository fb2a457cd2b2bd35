package io.tidemark.micrometer;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a registry's meters say, as text and number, to be compared as a whole. */
final class Samples {
  private Samples() {}

  /**
   * Every number but the longest times, which are forgotten after a while. A timer has two, how
   * often and how long, the latter with the unit in its name.
   */
  static Map<String, Double> of(MeterRegistry registry) {
    Map<String, Double> samples = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      for (Measurement measurement : meter.measure()) {
        if (measurement.getStatistic() != Statistic.MAX) {
          samples.put(name(meter.getId(), measurement.getStatistic()), measurement.getValue());
        }
      }
    }
    return samples;
  }

  /** How often each meter has moved, without those that have not. */
  static Map<String, Double> moved(MeterRegistry registry) {
    Map<String, Double> moved = of(registry);
    moved.entrySet().removeIf(s -> s.getKey().endsWith(" seconds") || s.getValue() == 0);
    return moved;
  }

  private static String name(Meter.Id id, Statistic statistic) {
    List<String> tags =
        id.getTags().stream()
            .filter(tag -> !tag.getKey().equals("cache"))
            .map(tag -> tag.getKey() + "=" + tag.getValue())
            .toList();
    return id.getName()
        + (tags.isEmpty() ? "" : tags.toString())
        + (statistic == Statistic.TOTAL_TIME ? " seconds" : "");
  }
}
