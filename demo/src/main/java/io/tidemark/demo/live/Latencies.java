package io.tidemark.demo.live;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** How long the last calls took. Thread-safe. */
final class Latencies {
  private static final int MOST_KEPT = 1_024;

  private final double span;
  private final ArrayDeque<double[]> kept = new ArrayDeque<>();

  /**
   * Keeps what ended lately.
   *
   * @param spanMillis how long a call counts after its end
   */
  Latencies(double spanMillis) {
    this.span = spanMillis;
  }

  /** Notes a call, by the times at which it began and ended. */
  synchronized void add(double begin, double end) {
    kept.add(new double[] {end, end - begin});
    if (kept.size() > MOST_KEPT) {
      kept.remove();
    }
  }

  /**
   * The time in milliseconds that a share of the calls did not exceed; null if there were none.
   *
   * @param share 0 to 1
   */
  synchronized @Nullable Double percentile(double share, double now) {
    while (!kept.isEmpty() && kept.peek()[0] < now - span) {
      kept.remove();
    }
    if (kept.isEmpty()) {
      return null;
    }
    double[] sorted = kept.stream().mapToDouble(call -> call[1]).sorted().toArray();
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * sorted.length))];
  }
}
