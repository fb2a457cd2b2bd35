package io.tidemark.engine;

import io.tidemark.UnsafeInTransactionException;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Transactions;
import io.tidemark.spi.Transactions.Ending;
import io.tidemark.spi.Transactions.Transaction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of callers that have written through a cache and have not ended. Refuses calls
 * that are not safe in the one that their thread is in. Thread-safe.
 */
final class OpenTransactions {
  private final Settings<?, ?> settings;
  private final KeysInUse keysInUse;
  private final AfterCommit<?> afterCommit;
  private final AfterCommits<?> afterCommits;
  private final UntoldTransactions untold = UntoldTransactions.find();
  private final ThrottledLog failed;
  private final Map<Transaction, OpenTransaction> open = new ConcurrentHashMap<>();

  OpenTransactions(
      Settings<?, ?> settings,
      KeysInUse keysInUse,
      AfterCommit<?> afterCommit,
      AfterCommits<?> afterCommits) {
    this.settings = settings;
    this.keysInUse = keysInUse;
    this.afterCommit = afterCommit;
    this.afterCommits = afterCommits;
    this.failed = new ThrottledLog(OpenTransactions.class, settings.ticker());
  }

  /**
   * The transaction that a key is to be updated in.
   *
   * @return null if there is none
   * @throws UnsafeInTransactionException if there is one that the cache was not told of, or that
   *     only reads; or if another one of this thread has written the key
   */
  @Nullable OpenTransaction forUpdate(SlotKey key) {
    if (settings.backends().transactions().isEmpty() && untold.isOneOpen()) {
      throw new UnsafeInTransactionException(
          key,
          "update was called in an open transaction of Spring's that this cache was not told of:"
              + " the row would be published before the commit, and stay if it is rolled back. Set"
              + " transactions, which tidemark-spring-boot-starter does for each CacheBuilder of the"
              + " application; or, if each write commits in a transaction of its own, set"
              + " transactions(Transactions.none())"
              + Work.WRITE.consequence(),
          null);
    }
    Transaction transaction = current();
    if (transaction == null) {
      keysInUse.check(key);
      return null;
    }
    if (transaction.isReadOnly()) {
      throw new UnsafeInTransactionException(
          key,
          "update was called in a transaction for reading only, in which a change may be neither"
              + " made nor refused"
              + Work.WRITE.consequence(),
          null);
    }
    OpenTransaction mine = of(transaction);
    if (!mine.hasWritten(key)) {
      keysInUse.check(key);
    }
    return mine;
  }

  /** The transaction that something is published in. Null likewise. */
  @Nullable OpenTransaction forPublish() {
    Transaction transaction = current();
    return transaction == null ? null : of(transaction);
  }

  /** Refuses to write on another thread what belongs to the transaction of this one. */
  void refuseAsync(SlotKey key) {
    if (current() != null) {
      throw new UnsafeInTransactionException(
          key,
          "updateAsync would write on another thread, outside of the transaction that it was called"
              + " in; use update, or call it after the commit"
              + Work.WRITE.consequence(),
          null);
    }
    keysInUse.check(key);
  }

  /** Clears the cache, after the transaction if there is one; then returns zero. */
  long clear(LongConsumer progress) {
    Transaction transaction = current();
    if (transaction == null) {
      return settings.store().clear(settings.name(), progress);
    }
    transaction.whenEnded(ending -> clearAfter(ending, progress));
    return 0;
  }

  @SuppressWarnings("CatchingUnchecked") // Others of the transaction are told of its end as well.
  private void clearAfter(Ending ending, LongConsumer progress) {
    if (ending == Ending.ROLLED_BACK) {
      return;
    }
    try {
      long unused = settings.store().clear(settings.name(), progress);
    } catch (Throwable t) {
      failed.warn("{}: not cleared after a commit; clear it again", settings.name(), t);
    }
  }

  private @Nullable Transaction current() {
    return settings.backends().transactions().flatMap(Transactions::current).orElse(null);
  }

  private OpenTransaction of(Transaction transaction) {
    OpenTransaction known = open.get(transaction);
    return known != null
        ? known
        : new OpenTransaction(
            transaction, settings.ticker(), keysInUse, afterCommit, afterCommits, failed, open);
  }
}
