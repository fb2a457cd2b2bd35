package io.tidemark.proof.histories;

import io.tidemark.BulkReadResult;
import io.tidemark.BulkWriteException;
import io.tidemark.CallInterruptedException;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/**
 * The operations of a worker on many keys: each makes one call of the cache, and records what came
 * of each key as an operation of its own, from before the call until after it. Thread-safe.
 */
final class BulkOperations {
  private final VersionedCache<String, String> cache;
  private final ItemTable table;
  private final OperationLog log;
  private final Holds holds;

  BulkOperations(
      VersionedCache<String, String> cache, ItemTable table, OperationLog log, Holds holds) {
    this.cache = cache;
    this.table = table;
    this.log = log;
    this.holds = holds;
  }

  /** How a read waits. */
  enum Wait {
    /** On its own thread. */
    BLOCKING,
    /** For a future. */
    FUTURE
  }

  /**
   * Reads many keys.
   *
   * @return the outcome, which is {@link Outcome#FAILED} if that of any key is, and the failure
   */
  String readAll(List<String> keys, Wait wait) throws InterruptedException {
    Map<String, Long> numbers = startAll(Kind.READ, keys);
    try {
      BulkReadResult<String, String> result = read(keys, wait);
      result.results().forEach((key, one) -> log.served(numberOf(numbers, key), Served.of(one)));
      Map<String, RuntimeException> failures = result.failures();
      endAll(numbers, Outcome.FAILED, failures);
      return failures.isEmpty() ? Outcome.OK.toString() : Outcome.FAILED + " " + failures;
    } catch (TidemarkException e) {
      endAll(numbers, Outcome.FAILED, e);
      return Outcome.FAILED + " " + e;
    }
  }

  private BulkReadResult<String, String> read(List<String> keys, Wait wait)
      throws InterruptedException {
    if (wait == Wait.BLOCKING) {
      return cache.readAll(keys);
    }
    try {
      return cache.readAllAsync(keys).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TidemarkException known) {
        throw known;
      }
      throw new IllegalStateException("a read of many keys failed", e);
    }
  }

  /**
   * Changes many rows in one transaction, and publishes them.
   *
   * @param kinds how each row is changed: one of the kinds that publish
   */
  void publishAll(Map<String, Kind> kinds, Change.Ending ending) throws InterruptedException {
    Map<String, Long> numbers = log.startAll(kinds);
    List<Change.Part> parts = new ArrayList<>();
    numbers.forEach(
        (key, number) ->
            parts.add(new Change.Part(number, Objects.requireNonNull(kinds.get(key)), key)));
    Change change = new Change(table, log, holds, ending, parts);
    try {
      Map<String, Row<String>> rows = change.run();
      for (String key : rows.keySet()) {
        holds.pass(Holds.Point.BEFORE_PUBLISH, key);
      }
      endAll(numbers, cache.publishAll(rows));
    } catch (InterruptedException e) {
      throw e;
    } catch (BulkWriteException e) {
      endAll(numbers, e);
    } catch (Exception e) {
      endAll(numbers, change.outcomeOfFailure(), e);
    }
  }

  /** Drops the entries of many keys. */
  void invalidateAll(List<String> keys) throws InterruptedException {
    Map<String, Long> numbers = startAll(Kind.INVALIDATE, keys);
    try {
      endAll(numbers, cache.invalidateAll(keys));
    } catch (BulkWriteException e) {
      endAll(numbers, e);
    } catch (TidemarkException e) {
      endAll(numbers, Outcome.UNKNOWN, e);
    }
  }

  private Map<String, Long> startAll(Kind kind, List<String> keys) {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    keys.forEach(key -> kinds.put(key, kind));
    return log.startAll(kinds);
  }

  private void endAll(Map<String, Long> numbers, Map<?, WriteOutcome> outcomes) {
    outcomes.forEach(
        (key, outcome) ->
            log.end(
                numberOf(numbers, key),
                outcome == WriteOutcome.UNKNOWN ? Outcome.UNKNOWN : Outcome.OK,
                outcome.toString()));
  }

  /** What failed may have been dropped, or not. */
  private void endAll(Map<String, Long> numbers, BulkWriteException e) throws InterruptedException {
    endAll(numbers, e.outcomes());
    endAll(numbers, Outcome.UNKNOWN, e.failures());
  }

  private void endAll(Map<String, Long> numbers, Outcome outcome, Exception failure)
      throws InterruptedException {
    Map<String, Exception> failures = new LinkedHashMap<>();
    numbers.keySet().forEach(key -> failures.put(key, failure));
    endAll(numbers, outcome, failures);
  }

  private void endAll(
      Map<String, Long> numbers, Outcome outcome, Map<?, ? extends Exception> failures)
      throws InterruptedException {
    failures.forEach(
        (key, failure) -> log.end(numberOf(numbers, key), outcome, OperationLog.detailOf(failure)));
    for (Exception failure : failures.values()) {
      if (failure instanceof CallInterruptedException) {
        throw new InterruptedException("interrupted in a call for many keys");
      }
    }
  }

  private static long numberOf(Map<String, Long> numbers, Object key) {
    return Objects.requireNonNull(numbers.get(key));
  }
}
