package io.tidemark.proof.histories;

import io.tidemark.Row;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A transaction that changes one row or several, and how far it came. For one thread, once. */
final class Change {
  private final ItemTable table;
  private final OperationLog log;
  private final Holds holds;
  private final Ending ending;
  private final List<Part> parts;
  private Progress progress = Progress.NOTHING_COMMITTED;

  /**
   * Prepares a transaction.
   *
   * @param parts one or more, each of another row
   */
  Change(ItemTable table, OperationLog log, Holds holds, Ending ending, List<Part> parts) {
    this.table = table;
    this.log = log;
    this.holds = holds;
    this.ending = ending;
    // In the same order in all transactions, which would wait for each other otherwise.
    this.parts = parts.stream().sorted(Comparator.comparing(Part::key)).toList();
  }

  /** What a transaction does after its change, before it commits. */
  enum Ending {
    /** Commits. */
    COMMIT,
    /** Fails on purpose, which rolls back. */
    ROLL_BACK
  }

  /**
   * The change of one row.
   *
   * @param number of the operation that makes it
   * @param kind of that operation
   * @param key which row
   */
  record Part(long number, Kind kind, String key) {}

  private enum Progress {
    NOTHING_COMMITTED,
    COMMITTING,
    COMMITTED
  }

  private static final class RolledBackException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** Runs it. Returns what the cache is to be told, by the keys. */
  Map<String, Row<String>> run() throws Exception {
    try (ItemTable.Transaction transaction = table.begin()) {
      Map<String, Row<String>> rows = new LinkedHashMap<>();
      for (Part part : parts) {
        Row<String> row = change(transaction, part);
        rows.put(part.key(), part.kind().isUnversioned() ? Row.absent() : row);
      }
      for (Part part : parts) {
        holds.pass(Holds.Point.BEFORE_COMMIT, part.key());
      }
      if (ending == Ending.ROLL_BACK) {
        throw new RolledBackException();
      }
      progress = Progress.COMMITTING;
      transaction.commit();
      progress = Progress.COMMITTED;
      parts.forEach(part -> log.committed(part.number()));
      return rows;
    }
  }

  /** Runs the transaction of one row likewise. */
  Row<String> runOne() throws Exception {
    return run().values().iterator().next();
  }

  private Row<String> change(ItemTable.Transaction transaction, Part part) throws SQLException {
    String operation = log.id(part.number());
    return switch (part.kind()) {
      case UPDATE, PUBLISH -> transaction.write(operation, part.key());
      default -> transaction.delete(operation, part.key());
    };
  }

  /** How an operation ended that has thrown. */
  Outcome outcomeOfFailure() {
    return progress == Progress.NOTHING_COMMITTED ? Outcome.FAILED : Outcome.UNKNOWN;
  }
}
