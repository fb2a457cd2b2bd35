package io.tidemark.demo.acts;

import java.util.List;
import java.util.Map;

/**
 * The whole demo. The names are those of {@code report.json}.
 *
 * @param processes how many nodes played
 * @param callersPerProcess how many callers each of them had
 * @param dbLatencyMillis how long each load took
 * @param seconds how long the acts took
 * @param passed whether all acts did
 * @param versions of Tidemark and of all that it played with
 * @param acts the acts
 */
record DemoReport(
    int processes,
    int callersPerProcess,
    long dbLatencyMillis,
    double seconds,
    boolean passed,
    Map<String, String> versions,
    List<ActResult> acts) {
  /** The outcome in a sentence. */
  String summary() {
    long good = acts.stream().filter(ActResult::passed).count();
    return "%d of %d acts ended as promised, in %.1f s".formatted(good, acts.size(), seconds);
  }
}
