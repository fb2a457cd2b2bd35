package io.tidemark.proof.histories;

import io.tidemark.CallInterruptedException;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import java.util.List;

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

  /**
   * Makes one call.
   *
   * @return what became of it, in words
   */
  String run(Kind kind, String key, Change.Ending ending) throws InterruptedException {
    return switch (kind) {
      case READ -> read(key);
      case UPDATE, UPDATE_DELETE, UPDATE_DELETE_UNVERSIONED -> update(kind, key, ending);
      case PUBLISH, PUBLISH_DELETE, PUBLISH_DELETE_UNVERSIONED -> publish(kind, key, ending);
      case INVALIDATE, CLEAR -> drop(kind, key);
    };
  }

  private String read(String key) throws InterruptedException {
    long number = log.start(Kind.READ, key);
    try {
      ReadResult<String> result = cache.read(key);
      Served served = Served.of(result);
      log.served(number, served);
      return served.toString();
    } catch (TidemarkException e) {
      return end(number, Outcome.FAILED, e);
    }
  }

  private String update(Kind kind, String key, Change.Ending ending) throws InterruptedException {
    long number = log.start(kind, key);
    Change change = change(number, kind, key, ending);
    try {
      WriteOutcome outcome = cache.update(key, change::runOne).outcome();
      return end(number, outcome);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return end(number, change.outcomeOfFailure(), e);
    }
  }

  private String publish(Kind kind, String key, Change.Ending ending) throws InterruptedException {
    long number = log.start(kind, key);
    Change change = change(number, kind, key, ending);
    try {
      Row<String> row = change.runOne();
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

  private Change change(long number, Kind kind, String key, Change.Ending ending) {
    return new Change(table, log, holds, ending, List.of(new Change.Part(number, kind, key)));
  }

  private String end(long number, WriteOutcome outcome) {
    return end(
        number, outcome == WriteOutcome.UNKNOWN ? Outcome.UNKNOWN : Outcome.OK, outcome.toString());
  }

  private String end(long number, Outcome outcome, Exception failure) throws InterruptedException {
    end(number, outcome, OperationLog.detailOf(failure));
    if (failure instanceof CallInterruptedException) {
      throw new InterruptedException("interrupted in " + log.id(number));
    }
    Throwable cause = failure.getCause();
    return outcome + " " + failure + (cause == null ? "" : ", because " + cause);
  }

  private String end(long number, Outcome outcome, String detail) {
    log.end(number, outcome, detail);
    return outcome + " " + detail;
  }
}
