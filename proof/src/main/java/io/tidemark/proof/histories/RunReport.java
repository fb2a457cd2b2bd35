package io.tidemark.proof.histories;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What a run came to.
 *
 * @param run what was run
 * @param finished when
 * @param faults how many of each kind
 * @param failovers how often a replica of Redis took over
 * @param calls how many calls, each with one key or many
 * @param operations how many of each kind and outcome; each key of a call for many counts
 * @param bulk what there is of calls for many keys
 * @param origins how many reads were answered from where
 * @param details how many writes told what, or failed for what
 * @param commits how many commits
 * @param violationCounts how many violations of each rule
 * @param violations the first of them, each with the operations around it
 */
record RunReport(
    HistoryRun run,
    Instant finished,
    Map<FaultKind, Integer> faults,
    int failovers,
    int calls,
    Map<Kind, Map<Outcome, Integer>> operations,
    Map<BulkFigure, Integer> bulk,
    Map<String, Integer> origins,
    Map<String, Integer> details,
    int commits,
    Map<HistoryRule, Integer> violationCounts,
    List<String> violations) {
  private static final int MOST_VIOLATIONS = 10;
  private static final int MOST_OPERATIONS = 60;
  private static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  static RunReport of(
      HistoryRun run,
      Map<FaultKind, Integer> faults,
      int failovers,
      History history,
      List<HistoryViolation> violations) {
    Map<Kind, Map<Outcome, Integer>> operations = new EnumMap<>(Kind.class);
    Map<String, Integer> origins = new TreeMap<>();
    Map<String, Integer> details = new TreeMap<>();
    for (Operation operation : history.operations()) {
      operations
          .computeIfAbsent(operation.kind(), kind -> new EnumMap<>(Outcome.class))
          .merge(operation.outcome(), 1, Integer::sum);
      Served served = operation.served();
      if (served == null) {
        details.merge(detail(operation), 1, Integer::sum);
      } else {
        origins.merge(served.from(), 1, Integer::sum);
      }
    }
    Map<HistoryRule, Integer> counts = new EnumMap<>(HistoryRule.class);
    violations.forEach(violation -> counts.merge(violation.rule(), 1, Integer::sum));
    List<String> told =
        violations.stream()
            .limit(MOST_VIOLATIONS)
            .map(violation -> tell(violation, history))
            .toList();
    return new RunReport(
        run,
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        faults,
        failovers,
        calls(history),
        operations,
        BulkFigure.countIn(history),
        origins,
        details,
        history.commits().size(),
        counts,
        told);
  }

  private static int calls(History history) {
    return (int)
        history.operations().stream()
            .map(operation -> operation.call() == null ? operation.id() : operation.call())
            .distinct()
            .count();
  }

  private static String detail(Operation operation) {
    String detail = operation.kind() == Kind.CLEAR ? "" : operation.detail();
    return "%s %s %s".formatted(operation.kind(), operation.outcome(), detail);
  }

  int operationCount() {
    return operations.values().stream().mapToInt(RunReport::sum).sum();
  }

  int count(Kind kind, Outcome outcome) {
    return operations.getOrDefault(kind, Map.of()).getOrDefault(outcome, 0);
  }

  int count(BulkFigure figure) {
    return bulk.getOrDefault(figure, 0);
  }

  int violationCount() {
    return sum(violationCounts);
  }

  /** Writes the report as Markdown. */
  void write(Path file) throws IOException {
    List<String> lines = new ArrayList<>(List.of("# A recorded history", ""));
    figures(lines);
    lines.addAll(List.of("", "| operation | ok | failed | unknown |", "| --- | --- | --- | --- |"));
    operations.keySet().forEach(kind -> lines.add(line(kind)));
    table(lines, "calls for many keys", bulk);
    table(lines, "reads from", origins);
    table(lines, "other ends", details);
    table(lines, "fault", faults);
    lines.addAll(List.of("", "## Violations", ""));
    lines.add(violations.isEmpty() ? "None." : "The first %d:".formatted(violations.size()));
    for (String violation : violations) {
      lines.addAll(List.of("", "```", violation, "```"));
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, lines);
  }

  private void figures(List<String> lines) {
    lines.add("- finished: " + finished);
    lines.add(
        "- machine: %s %s, %d processors, Java %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version()));
    lines.add(
        "- duration: %s, seed: %d, workers: %d, locks: %s, Redis: %s"
            .formatted(run.duration(), run.seed(), HistoryRun.WORKERS, run.lock(), run.redis()));
    lines.add(
        "- calls: %d, of which %d reads of many keys".formatted(calls, count(BulkFigure.READS)));
    lines.add("- operations: %d, commits: %d".formatted(operationCount(), commits));
    lines.add("- faults: %d, failovers: %d".formatted(sum(faults), failovers));
    lines.add("- violations: %d %s".formatted(violationCount(), violationCounts));
  }

  private String line(Kind kind) {
    return "| %s | %d | %d | %d |"
        .formatted(
            kind,
            count(kind, Outcome.OK),
            count(kind, Outcome.FAILED),
            count(kind, Outcome.UNKNOWN));
  }

  private static void table(List<String> lines, String title, Map<?, Integer> counts) {
    lines.add("");
    lines.add("| %s | times |".formatted(title));
    lines.add("| --- | --- |");
    counts.forEach((what, times) -> lines.add("| %s | %d |".formatted(what, times)));
  }

  private static int sum(Map<?, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** A violation with the operations of its key from its witness on. */
  private static String tell(HistoryViolation violation, History history) {
    StringBuilder text = new StringBuilder(violation.toString());
    Operation read = violation.operation();
    if (read == null) {
      return text.toString();
    }
    Operation witness = violation.witness();
    long from = (witness == null ? read : witness).startNanos() - MARGIN_NANOS;
    long to = read.endNanos() + MARGIN_NANOS;
    text.append(System.lineSeparator()).append("around it, in ms from the witness:");
    List<Operation> around =
        history.operations().stream()
            .filter(operation -> operation.isAbout(violation.key()))
            .filter(operation -> operation.startNanos() <= to && operation.endNanos() >= from)
            .filter(
                operation ->
                    operation.endNanos() != Operation.NEVER || operation.startNanos() >= from)
            .sorted(Comparator.comparingLong(Operation::startNanos))
            .toList();
    int skipped = Math.max(0, around.size() - MOST_OPERATIONS);
    for (Operation operation : around.subList(skipped, around.size())) {
      text.append(System.lineSeparator()).append(line(operation, from + MARGIN_NANOS));
    }
    return text.toString();
  }

  private static String line(Operation operation, long origin) {
    return "  %s %s %s %s [%s committed %s, %s] %s %s"
        .formatted(
            operation.id(),
            operation.kind(),
            operation.key(),
            operation.outcome(),
            millis(operation.startNanos(), origin),
            millis(operation.committedNanos(), origin),
            millis(operation.endNanos(), origin),
            operation.served() == null ? "" : operation.served(),
            operation.detail());
  }

  private static String millis(long nanos, long origin) {
    return nanos == Operation.NEVER ? "never" : "%.3f".formatted((nanos - origin) / 1e6);
  }
}
