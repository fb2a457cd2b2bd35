package io.tidemark.engine;

import io.tidemark.ClaimRule;
import io.tidemark.Row;
import io.tidemark.Write;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * The ways to write: an update, which runs a caller's transaction under lock and claim, on the
 * caller's thread or the cache's; and publishing, which tells of a commit, or of many. Thread-safe.
 */
final class WritePath<V> {
  private final Settings<?, V> settings;
  private final KeysInUse keysInUse;
  private final AfterCommit<V> afterCommit;
  private final AfterCommits<V> afterCommits;
  private final OpenWrites open = new OpenWrites();
  private final OpenTransactions transactions;
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
      AfterCommits<V> afterCommits,
      Executor executor,
      Executor threads,
      ScheduledExecutorService scheduler) {
    this.settings = settings;
    this.keysInUse = keysInUse;
    this.afterCommit = afterCommit;
    this.afterCommits = afterCommits;
    this.transactions = new OpenTransactions(settings, keysInUse, afterCommit, afterCommits);
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
    OpenTransaction transaction = transactions.forUpdate(slotKey);
    OpenWrites.Entry entry = open.enter(slotKey, () -> {});
    // Safeguard PUBLISH_AFTER_COMMIT: until then the row may be rolled back.
    return transaction == null
        ? updates.make(entry, update)
        : updates.makeIn(transaction, entry, update);
  }

  /** Writes on another thread. The future fails with what {@link #update} throws. */
  CompletableFuture<WriteResult<V>> updateAsync(
      SlotKey slotKey, ClaimRule rule, Write<V, ?> write, Terms terms) {
    Update<V, ?> update = begin(slotKey, rule, write, terms);
    transactions.refuseAsync(slotKey);
    return asyncUpdates.start(update);
  }

  private <X extends Exception> Update<V, X> begin(
      SlotKey slotKey, ClaimRule rule, Write<V, X> write, Terms terms) {
    keysInUse.checkNotNested(slotKey);
    return new Update<>(slotKey, rule, write, terms, terms.newDeadline(settings.ticker()));
  }

  WriteOutcome publish(SlotKey slotKey, Row<V> row, Terms terms) {
    OpenTransaction transaction = transactions.forPublish();
    if (transaction == null) {
      return afterCommit.publish(slotKey, row, terms);
    }
    OpenTransaction.Word word = begin(transaction, slotKey, terms);
    return afterCommit.defer(slotKey, null, row, word::publishes).outcome();
  }

  /** Publishes many rows; each has its outcome, or what {@link #publish} throws. */
  List<Reply<WriteOutcome>> publishAll(List<Commit<V>> commits, Terms terms) {
    OpenTransaction transaction = transactions.forPublish();
    if (transaction == null) {
      return afterCommits.publish(commits, terms);
    }
    // All of them first: whatever a row throws, the entries of the others do not stay.
    List<OpenTransaction.Word> words =
        beginAll(transaction, commits.stream().map(Commit::key).toList(), terms);
    List<Reply<WriteOutcome>> replies = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      Commit<V> one = commits.get(i);
      OpenTransaction.Word word = words.get(i);
      replies.add(defer(one, word));
    }
    return replies;
  }

  private Reply<WriteOutcome> defer(Commit<V> one, OpenTransaction.Word word) {
    try {
      return new Reply.Answered<>(
          afterCommit.defer(one.key(), null, one.row(), word::publishes).outcome());
    } catch (RuntimeException | Error e) {
      return new Reply.Failed<>(AfterCommits.ofOne(one.key(), e));
    }
  }

  WriteOutcome invalidate(SlotKey slotKey, Terms terms) {
    OpenTransaction transaction = transactions.forPublish();
    if (transaction == null) {
      return afterCommit.drop(slotKey, terms);
    }
    OpenTransaction.Word unused = begin(transaction, slotKey, terms);
    return WriteOutcome.DEFERRED;
  }

  /** Drops many entries likewise. */
  List<Reply<WriteOutcome>> invalidateAll(List<SlotKey> slotKeys, Terms terms) {
    OpenTransaction transaction = transactions.forPublish();
    if (transaction == null) {
      return afterCommits.drop(slotKeys, terms);
    }
    List<OpenTransaction.Word> words = beginAll(transaction, slotKeys, terms);
    return Collections.nCopies(words.size(), new Reply.Answered<>(WriteOutcome.DEFERRED));
  }

  private List<OpenTransaction.Word> beginAll(
      OpenTransaction transaction, List<SlotKey> slotKeys, Terms terms) {
    return begin(slotKeys.get(0), entry -> transaction.addAll(slotKeys, entry, terms));
  }

  private OpenTransaction.Word begin(OpenTransaction transaction, SlotKey slotKey, Terms terms) {
    return begin(slotKey, entry -> transaction.add(slotKey, null, entry, terms));
  }

  private <T> T begin(SlotKey first, Function<OpenWrites.Entry, T> add) {
    OpenWrites.Entry entry = open.enter(first, () -> {});
    try {
      entry.begin();
      return add.apply(entry);
    } catch (Throwable t) {
      entry.close();
      throw t;
    }
  }

  /** Removes every entry, after the transaction if the caller is in one; then returns zero. */
  long clear(LongConsumer progress) {
    return transactions.clear(progress);
  }

  /** The updates that have not ended. */
  OpenWrites open() {
    return open;
  }
}
