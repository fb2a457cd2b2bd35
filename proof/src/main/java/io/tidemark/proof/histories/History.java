package io.tidemark.proof.histories;

import java.util.List;

/**
 * What happened: the operations in any order, and every commit. The commits of one key stand in the
 * order in which they were committed. Before its first commit a row is absent. Immutable.
 *
 * @param operations what the processes recorded
 * @param commits what the database recorded
 */
record History(List<Operation> operations, List<RecordedCommit> commits) {
  History {
    operations = List.copyOf(operations);
    commits = List.copyOf(commits);
  }
}
