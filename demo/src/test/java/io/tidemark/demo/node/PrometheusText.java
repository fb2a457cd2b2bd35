package io.tidemark.demo.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.hawkular.agent.prometheus.text.TextPrometheusMetricsProcessor;
import org.hawkular.agent.prometheus.types.Counter;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.Metric;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.hawkular.agent.prometheus.types.Summary;
import org.hawkular.agent.prometheus.walkers.CollectorPrometheusMetricsWalker;

/**
 * What a parser of Prometheus' text format reads.
 *
 * @param families the metrics by name
 * @param samples every number, by its name and labels as Prometheus shows them, sorted by label
 */
record PrometheusText(List<MetricFamily> families, Map<String, Double> samples) {

  /** Refuses a text of which the parser cannot read every line. */
  static PrometheusText parse(String text) {
    CollectorPrometheusMetricsWalker collector = new CollectorPrometheusMetricsWalker();
    new TextPrometheusMetricsProcessor(new ByteArrayInputStream(text.getBytes(UTF_8)), collector)
        .walk();
    List<MetricFamily> families =
        collector.isFinished() ? collector.getAllMetricFamilies() : List.of();
    Map<String, Double> samples = new TreeMap<>();
    for (MetricFamily family : families) {
      family.getMetrics().forEach(metric -> add(samples, metric));
    }
    // The parser passes over a line that it cannot read.
    assertThat(text.lines().filter(line -> !line.startsWith("#")))
        .as(text)
        .hasSameSizeAs(samples.keySet());
    return new PrometheusText(families, samples);
  }

  double sample(String name) {
    return Objects.requireNonNull(samples.get(name), name);
  }

  private static void add(Map<String, Double> samples, Metric metric) {
    String labels = labels(metric.getLabels());
    if (metric instanceof Counter counter) {
      samples.put(metric.getName() + labels, counter.getValue());
    } else if (metric instanceof Gauge gauge) {
      samples.put(metric.getName() + labels, gauge.getValue());
    } else if (metric instanceof Summary summary) {
      samples.put(metric.getName() + "_count" + labels, (double) summary.getSampleCount());
      samples.put(metric.getName() + "_sum" + labels, summary.getSampleSum());
    } else {
      throw new AssertionError("a histogram, which no meter is set up to be: " + metric.getName());
    }
  }

  private static String labels(Map<String, String> labels) {
    if (labels.isEmpty()) {
      return "";
    }
    return new TreeMap<>(labels)
        .entrySet().stream()
            .map(label -> label.getKey() + "=\"" + label.getValue() + "\"")
            .collect(Collectors.joining(",", "{", "}"));
  }
}
