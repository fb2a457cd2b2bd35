package io.tidemark.proof.histories;

import io.tidemark.CallInterruptedException;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.FillAnswer;
import java.util.Optional;

/** The operations of a worker: each makes one call of the cache and records it. Thread-safe. */
final class Operations {
  private final VersionedCache<String, String> cache;
  private final ItemTable table;
  private final OperationLog log;
  private final Holds holds;

  Operations(VersionedCache<String, String> cache, ItemTable table, OperationLog log, Holds holds) {
    this.cache = cache;
    this.table = table;
    this.log = log;
    this.holds = holds;
  }

  /** What a write does after its change, before it commits. */
  enum Ending {
    /** Commits. */
    COMMIT,
    /** Fails on purpose, which rolls back. */
    ROLL_BACK
  }

  /**
   * Makes one call.
   *
   * @return what became of it, in words
   */
  String run(Kind kind, String key, Ending ending) throws InterruptedException {
    return switch (kind) {
      case READ -> read(key);
      case UPDATE, UPDATE_DELETE, UPDATE_DELETE_UNVERSIONED -> update(kind, key, ending);
      case PUBLISH, PUBLISH_DELETE, PUBLISH_DELETE_UNVERSIONED -> publish(kind, key, ending);
      case INVALIDATE, CLEAR -> drop(kind, key);
    };
  }

  /** How far a transaction came. */
  private enum Progress {
    NOTHING_COMMITTED,
    COMMITTING,
    COMMITTED
  }

  private static final class RolledBackException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private String read(String key) throws InterruptedException {
    long number = log.start(Kind.READ, key);
    try {
      ReadResult<String> result = cache.read(key);
      Served served =
          new Served(
              result.origin(),
              result.origin() == Origin.SOURCE_LOCK_HOLDER
                  && result.fill().equals(Optional.of(FillAnswer.STORED)),
              result.version().orElse(Served.NO_VERSION),
              result.value().orElse(null));
      log.served(number, served);
      return served.toString();
    } catch (TidemarkException e) {
      return end(number, Outcome.FAILED, e);
    }
  }

  private String update(Kind kind, String key, Ending ending) throws InterruptedException {
    long number = log.start(kind, key);
    Change change = new Change(number, kind, key, ending);
    try {
      WriteOutcome outcome = cache.update(key, change::run).outcome();
      return end(number, outcome);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return end(number, change.outcomeOfFailure(), e);
    }
  }

  private String publish(Kind kind, String key, Ending ending) throws InterruptedException {
    long number = log.start(kind, key);
    Change change = new Change(number, kind, key, ending);
    try {
      Row<String> row = change.run();
      holds.pass(Holds.Point.BEFORE_PUBLISH, key);
      return end(number, cache.publish(key, row));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return end(number, change.outcomeOfFailure(), e);
    }
  }

  private String drop(Kind kind, String key) throws InterruptedException {
    long number = log.start(kind, kind == Kind.CLEAR ? Operation.ALL_KEYS : key);
    try {
      if (kind == Kind.INVALIDATE) {
        return end(number, cache.invalidate(key));
      }
      return end(number, Outcome.OK, "removed-" + cache.clear());
    } catch (TidemarkException e) {
      return end(number, Outcome.UNKNOWN, e);
    }
  }

  private String end(long number, WriteOutcome outcome) {
    return end(
        number, outcome == WriteOutcome.UNKNOWN ? Outcome.UNKNOWN : Outcome.OK, outcome.toString());
  }

  private String end(long number, Outcome outcome, Exception failure) throws InterruptedException {
    Throwable cause = failure.getCause();
    end(
        number,
        outcome,
        failure.getClass().getSimpleName()
            + (cause == null ? "" : ":" + cause.getClass().getSimpleName()));
    if (failure instanceof CallInterruptedException) {
      throw new InterruptedException("interrupted in " + log.id(number));
    }
    return outcome + " " + failure + (cause == null ? "" : ", because " + cause);
  }

  private String end(long number, Outcome outcome, String detail) {
    log.end(number, outcome, detail);
    return outcome + " " + detail;
  }

  /** The transaction of one write. For one thread. */
  private final class Change {
    private final long number;
    private final Kind kind;
    private final String key;
    private final Ending ending;
    private Progress progress = Progress.NOTHING_COMMITTED;

    Change(long number, Kind kind, String key, Ending ending) {
      this.number = number;
      this.kind = kind;
      this.key = key;
      this.ending = ending;
    }

    Row<String> run() throws Exception {
      try (ItemTable.Transaction transaction = table.begin(log.id(number), key)) {
        Row<String> row =
            switch (kind) {
              case UPDATE, PUBLISH -> transaction.write();
              default -> transaction.delete();
            };
        holds.pass(Holds.Point.BEFORE_COMMIT, key);
        if (ending == Ending.ROLL_BACK) {
          throw new RolledBackException();
        }
        progress = Progress.COMMITTING;
        transaction.commit();
        progress = Progress.COMMITTED;
        log.committed(number);
        return kind.isUnversioned() ? Row.absent() : row;
      }
    }

    Outcome outcomeOfFailure() {
      return progress == Progress.NOTHING_COMMITTED ? Outcome.FAILED : Outcome.UNKNOWN;
    }
  }
}
