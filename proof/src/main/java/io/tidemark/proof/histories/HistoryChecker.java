package io.tidemark.proof.histories;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides whether a history keeps to every {@link HistoryRule}. Each key is judged by itself, in a
 * time that is linear in its operations but for sorting them.
 *
 * <h2>Ranks</h2>
 *
 * The commits of a key are numbered from 1 in their order; rank 0 is the absent row before them. A
 * value tells its rank: no two commits share one. So every comparison is one of ranks, and does not
 * rely on the versions, whose order is checked for itself ({@link HistoryRule#VERSIONS_GROW}).
 *
 * <h2>Calls for many keys</h2>
 *
 * What such a call does with each of its keys is an operation of its own, which lasts as long as
 * the call: it may happen at any moment of it. Nothing is assumed about the order among the keys.
 *
 * <h2>What a read may be served</h2>
 *
 * One operation is before another if its end is less than the other's start; what overlaps, or
 * touches, has no order. When a read starts there are up to three least ranks for it:
 *
 * <ul>
 *   <li>{@link HistoryRule#FORWARD_ONLY}: the highest rank that a read before it was served from
 *       the shared store, or that the store took from it. What a read was served past the store
 *       counts for nothing: nobody is promised to see that again.
 *   <li>{@link HistoryRule#READ_YOUR_WRITES}: the highest rank of an acknowledged write before it.
 *       An {@code invalidate} or {@code clear}, and a write that had nothing to delete, stand for
 *       what was known to be committed when they started.
 *   <li>{@link HistoryRule#UNCACHED_IS_FRESH}, only for what was served past the store: what was
 *       known to be committed when the read started.
 * </ul>
 *
 * Known to be committed at a moment is every rank up to the highest that a read which ended before
 * it was served, or whose commit had returned before it. Operations that failed, or whose outcome
 * is unknown, promise nothing; their commits, if there are any, may be served. {@link
 * io.tidemark.Origin#CACHE_STALE} may be served however old, but counts as shown to others.
 *
 * <h2>Absences</h2>
 *
 * An absence does not tell which deletion it is of. With a version, it is of one that is not older
 * than the commit of that version: the store gives it the highest version that it knew of, which
 * may be that of the value before. It is right if some deletion satisfies all least ranks and had
 * started by the end of the read. The first such is taken for what the absence shows to others,
 * which is the least it can be: so nothing is called a violation that need not be one.
 */
final class HistoryChecker {
  private HistoryChecker() {}

  /** All violations; those of one key together, in the order of the reads' ends. */
  static List<HistoryViolation> check(History history) {
    Map<String, List<RecordedCommit>> commits = new LinkedHashMap<>();
    Map<String, List<Operation>> operations = new LinkedHashMap<>();
    List<Operation> ofAllKeys = new ArrayList<>();
    for (RecordedCommit commit : history.commits()) {
      commits.computeIfAbsent(commit.key(), key -> new ArrayList<>()).add(commit);
    }
    for (Operation operation : history.operations()) {
      if (operation.key().equals(Operation.ALL_KEYS)) {
        ofAllKeys.add(operation);
      } else {
        operations.computeIfAbsent(operation.key(), key -> new ArrayList<>()).add(operation);
      }
    }
    List<HistoryViolation> violations = new ArrayList<>();
    operations.forEach(
        (key, ofKey) -> {
          ofKey.addAll(ofAllKeys);
          KeyCheck check = new KeyCheck(key, ofKey, commits.getOrDefault(key, List.of()));
          violations.addAll(check.run());
        });
    return violations;
  }
}
