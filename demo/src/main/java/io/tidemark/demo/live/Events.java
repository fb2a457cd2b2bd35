package io.tidemark.demo.live;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page is told, as {@code protocol.ts} describes it. Times are in milliseconds since 1970;
 * versions are texts, because JSON's readers know only 53 bits.
 */
final class Events {
  static final String STATE = "state";
  static final String CALLS = "calls";
  static final String WORK = "work";
  static final String TOTALS = "totals";
  static final String SLOT = "slot";
  static final String LOG = "log";
  static final String LOST = "lost";

  private Events() {}

  record State(
      long startedAt,
      long now,
      List<NodeView> nodes,
      List<ServerView> servers,
      List<RivalView> rivals,
      String rival,
      LoadView load,
      List<Long> products,
      @Nullable ActView act) {}

  record NodeView(int node, String state, @Nullable String url, @Nullable Long pid) {}

  record ServerView(String name, String state, String address, @Nullable Long pid) {}

  record RivalView(String name, String title, String text, String source) {}

  record LoadView(int readsPerSecond, int writesPerSecond, int databaseLatencyMillis) {}

  record ActView(
      String name,
      String title,
      int number,
      long seed,
      int taken,
      boolean stepping,
      List<StepView> steps,
      List<String> disturbances,
      @Nullable String failure,
      @Nullable Map<String, OutcomeView> outcome) {}

  record OutcomeView(String title, int wrong, String text) {}

  record StepView(String title, String text) {}

  record Call(
      Lane lane,
      int node,
      String kind,
      long product,
      double begin,
      double end,
      @Nullable String source,
      @Nullable String version,
      String verdict,
      @Nullable String error) {}

  record Work(int node, double at, long product, String what, @Nullable Double millis) {}

  record Totals(double at, Map<String, LaneTotals> lanes, List<NodeTotals> nodes) {}

  record LaneTotals(
      long reads, long writes, long old, long back, long failed, @Nullable Long databaseReads) {}

  record NodeTotals(
      int node,
      long hits,
      long loads,
      long waits,
      long refused,
      @Nullable Double medianMillis,
      @Nullable Double p99Millis) {}

  record LogLine(double at, String kind, String text) {}

  record Lost(long events) {}

  record StampedeView(
      String lane,
      long product,
      int callers,
      int databaseReads,
      int failed,
      double averageMillis,
      double maxMillis) {}
}
