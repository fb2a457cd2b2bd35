package io.tidemark.engine;

import io.tidemark.ClaimRule;
import io.tidemark.Row;
import io.tidemark.Write;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.SlotKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The ways to write: an update, which runs a caller's transaction under lock and claim, on the
 * caller's thread or the cache's; and publishing, which tells of a commit. Thread-safe.
 */
final class WritePath<V> {
  private final Settings<?, V> settings;
  private final KeysInUse keysInUse;
  private final AfterCommit<V> afterCommit;
  private final OpenWrites open = new OpenWrites();
  private final Updates<V> updates;
  private final AsyncUpdates<V> asyncUpdates;

  /**
   * Prepares to write.
   *
   * @param executor runs updates without a thread of their own
   * @param threads what the executor takes its threads from
   * @param scheduler calls off those that it does not run in time
   */
  WritePath(
      Settings<?, V> settings,
      Journal journal,
      KeysInUse keysInUse,
      Locker locker,
      Claims claims,
      AfterCommit<V> afterCommit,
      Executor executor,
      Executor threads,
      ScheduledExecutorService scheduler) {
    this.settings = settings;
    this.keysInUse = keysInUse;
    this.afterCommit = afterCommit;
    this.updates =
        new Updates<>(
            settings,
            journal,
            keysInUse,
            locker,
            claims,
            afterCommit,
            executor,
            threads,
            scheduler);
    this.asyncUpdates = new AsyncUpdates<>(updates, open, executor, scheduler);
  }

  <X extends Exception> WriteResult<V> update(
      SlotKey slotKey, ClaimRule rule, Write<V, X> write, Terms terms) throws X {
    Update<V, X> update = begin(slotKey, rule, write, terms);
    return updates.make(open.enter(slotKey, () -> {}), update);
  }

  /** Writes on another thread. The future fails with what {@link #update} throws. */
  CompletableFuture<WriteResult<V>> updateAsync(
      SlotKey slotKey, ClaimRule rule, Write<V, ?> write, Terms terms) {
    return asyncUpdates.start(begin(slotKey, rule, write, terms));
  }

  private <X extends Exception> Update<V, X> begin(
      SlotKey slotKey, ClaimRule rule, Write<V, X> write, Terms terms) {
    keysInUse.check(slotKey);
    return new Update<>(slotKey, rule, write, terms, terms.newDeadline(settings.ticker()));
  }

  WriteOutcome publish(SlotKey slotKey, Row<V> row, Terms terms) {
    return afterCommit.publish(slotKey, row, terms);
  }

  WriteOutcome invalidate(SlotKey slotKey, Terms terms) {
    return afterCommit.drop(slotKey, terms);
  }

  /** The updates that have not ended. */
  OpenWrites open() {
    return open;
  }
}
