package io.tidemark.demo.acts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the calls of one series came to. The times are in milliseconds.
 *
 * @param calls how many there were
 * @param failed how many of them failed
 * @param median what half of them did not exceed
 * @param most99 what 99 of 100 did not exceed
 * @param longest the longest
 */
record Latency(int calls, long failed, double median, double most99, double longest) {
  /** Of each series, in the order in which they first come up. */
  static Map<String, List<TimedCall>> bySeries(List<TimedCall> calls) {
    Map<String, List<TimedCall>> series = new LinkedHashMap<>();
    for (TimedCall call : calls) {
      series.computeIfAbsent(call.series(), name -> new ArrayList<>()).add(call);
    }
    return series;
  }

  /** Of calls, of which there must be one at least. */
  static Latency of(List<TimedCall> calls) {
    double[] sorted = calls.stream().mapToDouble(TimedCall::millis).sorted().toArray();
    return new Latency(
        sorted.length,
        calls.stream().filter(TimedCall::failed).count(),
        atShare(sorted, 0.5),
        atShare(sorted, 0.99),
        sorted[sorted.length - 1]);
  }

  /** The cells of a table that begins with the name of the series. */
  List<String> cells(String series) {
    return List.of(
        series,
        Integer.toString(calls),
        Long.toString(failed),
        text(median),
        text(most99),
        text(longest));
  }

  private static double atShare(double[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  private static String text(double millis) {
    return String.format(Locale.ROOT, "%.1f", millis);
  }
}
