package io.tidemark.proof.histories;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The check of one key, as {@link HistoryChecker} describes it: goes once through all moments at
 * which something started, was committed or ended, and keeps the least ranks as it goes. For one
 * thread, one run.
 */
final class KeyCheck {
  private static final int NEVER_COMMITTED = -1;

  private final String key;
  private final List<Operation> operations;
  private final List<RecordedCommit> commits;
  private final Map<String, Integer> rankOfPayload = new HashMap<>();
  private final Map<Long, Integer> rankOfVersion = new HashMap<>();
  private final Map<String, Integer> rankOfOperation = new HashMap<>();
  private final Map<String, Long> startOfOperation = new HashMap<>();
  private final NavigableSet<Integer> absentRanks = new TreeSet<>(List.of(0));
  private final List<HistoryViolation> violations = new ArrayList<>();

  /** What each operation under way found when it started. */
  private final Map<String, Floors> floorsAtStart = new HashMap<>();

  private Floor shared = Floor.NONE;
  private Floor acknowledged = Floor.NONE;
  private Floor known = Floor.NONE;

  KeyCheck(String key, List<Operation> operations, List<RecordedCommit> commits) {
    this.key = key;
    this.operations = operations;
    this.commits = commits;
  }

  /** A least rank, and the operation that it comes from. */
  private record Floor(int rank, @Nullable Operation witness) {
    static final Floor NONE = new Floor(0, null);

    Floor or(int otherRank, Operation otherWitness) {
      return otherRank > rank ? new Floor(otherRank, otherWitness) : this;
    }
  }

  private record Floors(Floor shared, Floor acknowledged, Floor known) {}

  /** In the order in which moments of the same time are taken: what touches has no order. */
  private enum Part {
    START,
    COMMITTED,
    END
  }

  private record Moment(long nanos, Part part, Operation operation) {}

  List<HistoryViolation> run() {
    numberCommits();
    for (Moment moment : moments()) {
      Operation operation = moment.operation();
      switch (moment.part()) {
        case START -> floorsAtStart.put(operation.id(), new Floors(shared, acknowledged, known));
        case COMMITTED -> known = known.or(rankOf(operation), operation);
        case END -> end(operation);
      }
    }
    return violations;
  }

  private void numberCommits() {
    long highest = Long.MIN_VALUE;
    for (int rank = 1; rank <= commits.size(); rank++) {
      RecordedCommit commit = commits.get(rank - 1);
      if (commit.version() <= highest) {
        report(
            HistoryRule.VERSIONS_GROW,
            null,
            null,
            "commit %d, of %s, has version %d, and one before it had %d"
                .formatted(rank, commit.operation(), commit.version(), highest));
      }
      highest = Math.max(highest, commit.version());
      rankOfVersion.putIfAbsent(commit.version(), rank);
      rankOfOperation.put(commit.operation(), rank);
      if (commit.payload() == null) {
        absentRanks.add(rank);
      } else {
        rankOfPayload.put(commit.payload(), rank);
      }
    }
  }

  private List<Moment> moments() {
    List<Moment> moments = new ArrayList<>(2 * operations.size());
    for (Operation operation : operations) {
      startOfOperation.put(operation.id(), operation.startNanos());
      moments.add(new Moment(operation.startNanos(), Part.START, operation));
      if (operation.committedNanos() != Operation.NEVER) {
        moments.add(new Moment(operation.committedNanos(), Part.COMMITTED, operation));
      }
      if (operation.endNanos() != Operation.NEVER) {
        moments.add(new Moment(operation.endNanos(), Part.END, operation));
      }
    }
    moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(Moment::part));
    return moments;
  }

  private void end(Operation operation) {
    Floors floors = floorsAtStart.remove(operation.id());
    if (operation.outcome() != Outcome.OK || floors == null) {
      return;
    }
    Served served = operation.served();
    if (served != null) {
      int rank = rankOf(operation, served, floors);
      if (rank != NEVER_COMMITTED) {
        known = known.or(rank, operation);
        shared = served.isShared() ? shared.or(rank, operation) : shared;
      }
      return;
    }
    Integer committed = rankOfOperation.get(operation.id());
    int rank = committed == null ? floors.known().rank() : committed;
    acknowledged = acknowledged.or(rank, operation);
    known = known.or(rank, operation);
  }

  /** The rank that a read was served, after it was judged. */
  private int rankOf(Operation read, Served served, Floors floors) {
    return served.payload() == null
        ? rankOfAbsence(read, served, floors)
        : rankOfValue(read, served, served.payload(), floors);
  }

  private int rankOfValue(Operation read, Served served, String payload, Floors floors) {
    Integer rank = rankOfPayload.get(payload);
    if (rank == null) {
      report(HistoryRule.COMMITTED, read, null, "%s was never committed".formatted(payload));
      return NEVER_COMMITTED;
    }
    RecordedCommit commit = commits.get(rank - 1);
    if (!isStartedBefore(rank, read)) {
      report(HistoryRule.COMMITTED, read, null, payload + " was served before it was written");
    }
    if (commit.version() != served.version()) {
      report(
          HistoryRule.ONE_ROW,
          read,
          null,
          "%s was committed with version %d, and served with %d"
              .formatted(payload, commit.version(), served.version()));
    }
    if (!served.isStale()) {
      applicable(served, floors)
          .forEach(
              (rule, floor) -> {
                if (rank < floor.rank()) {
                  report(
                      rule,
                      read,
                      floor.witness(),
                      "served %s, which is commit %d, after %s"
                          .formatted(payload, rank, describe(floor)));
                }
              });
    }
    return rank;
  }

  private int rankOfAbsence(Operation read, Served served, Floors floors) {
    int versionRank = 0;
    if (served.version() != Served.NO_VERSION) {
      Integer found = rankOfVersion.get(served.version());
      if (found == null) {
        report(
            HistoryRule.ONE_ROW,
            read,
            null,
            "an absence with version %d, which no commit has".formatted(served.version()));
      } else {
        versionRank = found;
      }
    }
    Integer least = visibleAbsence(versionRank, read);
    if (least == null) {
      report(
          HistoryRule.COMMITTED,
          read,
          null,
          "an absence, and the row was not deleted from commit %d on".formatted(versionRank));
      return NEVER_COMMITTED;
    }
    int highest = versionRank;
    boolean isRight = true;
    for (Map.Entry<HistoryRule, Floor> entry : applicable(served, floors).entrySet()) {
      Floor floor = entry.getValue();
      highest = Math.max(highest, floor.rank());
      if (visibleAbsence(Math.max(versionRank, floor.rank()), read) == null) {
        isRight = false;
        report(
            entry.getKey(),
            read,
            floor.witness(),
            "an absence after %s, and the row was not deleted since".formatted(describe(floor)));
      }
    }
    Integer shown = isRight ? visibleAbsence(highest, read) : least;
    return shown == null ? least : shown;
  }

  /** The first rank from a given one on at which the row was absent and the read could see it. */
  private @Nullable Integer visibleAbsence(int fromRank, Operation read) {
    Integer rank = absentRanks.ceiling(fromRank);
    return rank == null || !isStartedBefore(rank, read) ? null : rank;
  }

  /** Whether the operation of a commit had started when a read ended. */
  private boolean isStartedBefore(int rank, Operation read) {
    if (rank == 0) {
      return true;
    }
    Long start = startOfOperation.get(commits.get(rank - 1).operation());
    return start == null || start <= read.endNanos();
  }

  private static Map<HistoryRule, Floor> applicable(Served served, Floors floors) {
    Map<HistoryRule, Floor> applicable = new EnumMap<>(HistoryRule.class);
    applicable.put(HistoryRule.FORWARD_ONLY, floors.shared());
    applicable.put(HistoryRule.READ_YOUR_WRITES, floors.acknowledged());
    if (!served.isShared()) {
      applicable.put(HistoryRule.UNCACHED_IS_FRESH, floors.known());
    }
    return applicable;
  }

  private int rankOf(Operation operation) {
    return rankOfOperation.getOrDefault(operation.id(), 0);
  }

  private String describe(Floor floor) {
    if (floor.rank() == 0) {
      return "nothing";
    }
    RecordedCommit commit = commits.get(floor.rank() - 1);
    return "commit %d, %s of version %d"
        .formatted(
            floor.rank(),
            commit.payload() == null ? "the deletion by " + commit.operation() : commit.payload(),
            commit.version());
  }

  private void report(
      HistoryRule rule, @Nullable Operation read, @Nullable Operation witness, String text) {
    violations.add(new HistoryViolation(rule, key, read, witness, text));
  }
}
