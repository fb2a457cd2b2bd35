package io.tidemark.engine;

import io.tidemark.WriteOutcome;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import io.tidemark.spi.Transactions.Ending;
import io.tidemark.spi.Transactions.Transaction;
import io.tidemark.spi.Version;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction has written through a cache, and what is owed for it when the transaction
 * has ended. Locks and claims are held until then. Thread-safe.
 *
 * <p>A key may be written several times. Each time is a {@link Word} on the key, and the last one
 * counts: if it is committed, its row is published, and in any other case the entry is dropped.
 * Where a savepoint was rolled back that may drop more than it must, which costs a reload.
 */
final class OpenTransaction {
  private final Transaction transaction;
  private final Ticker ticker;
  private final KeysInUse keysInUse;
  private final AfterCommit<?> afterCommit;
  private final ThrottledLog failed;
  private final Map<Transaction, OpenTransaction> open;

  private final Map<SlotKey, Written> written = new LinkedHashMap<>();

  /** When publishing must be over; null until the first row is published. */
  private volatile @Nullable Deadline deadline;

  private volatile boolean storeIsSilent;

  /**
   * Has nothing written yet.
   *
   * @param open where it is known as long as something is owed
   */
  OpenTransaction(
      Transaction transaction,
      Ticker ticker,
      KeysInUse keysInUse,
      AfterCommit<?> afterCommit,
      ThrottledLog failed,
      Map<Transaction, OpenTransaction> open) {
    this.transaction = transaction;
    this.ticker = ticker;
    this.keysInUse = keysInUse;
    this.afterCommit = afterCommit;
    this.failed = failed;
    this.open = open;
  }

  /** A key that was written. */
  private static final class Written {
    private final SlotKey key;
    private final Runnable whenEnded;
    private @Nullable Claim claim;
    private @Nullable Word last;
    private int open;

    Written(SlotKey key, Runnable whenEnded) {
      this.key = key;
      this.whenEnded = whenEnded;
    }
  }

  /** One time that a key was written. Until it has a row, the entry is to be dropped. */
  final class Word {
    private final Written key;
    private final OpenWrites.Entry entry;
    private final Terms terms;
    private Parcel parcel = Parcel.NOTHING;
    private boolean committed;

    private Word(Written key, OpenWrites.Entry entry, Terms terms) {
      this.key = key;
      this.entry = entry;
      this.terms = terms;
    }

    /** Says what is to be published after the commit: the last word, until there is another. */
    void publishes(Parcel row) {
      synchronized (OpenTransaction.this) {
        parcel = row;
        key.last = this;
      }
    }

    /** The claim that the key was first written under; null where there was none. */
    @Nullable Claim claim() {
      synchronized (OpenTransaction.this) {
        return key.claim;
      }
    }

    private void end(Ending ending) {
      try (entry) {
        Word last = endWord(this, ending == Ending.COMMITTED);
        if (last != null) {
          pay(last);
        }
      }
    }
  }

  /** Whether the key was written, and its transaction may still be rolled back. */
  synchronized boolean hasWritten(SlotKey key) {
    return written.containsKey(key);
  }

  /** Whether the key was written under a claim. */
  synchronized boolean hasClaimed(SlotKey key) {
    Written known = written.get(key);
    return known != null && known.claim != null;
  }

  /** The keys that were written under their locks. */
  synchronized List<SlotKey> claimed() {
    return written.values().stream().filter(key -> key.claim != null).map(key -> key.key).toList();
  }

  /**
   * Says that a key is about to be written.
   *
   * @param claim held until the end; null where there is none, or where the key has one already
   * @param entry closed at the end
   * @param terms how long publishing may take
   * @throws IllegalStateException if the transaction takes no more actions; nothing was done
   */
  synchronized Word add(SlotKey key, @Nullable Claim claim, OpenWrites.Entry entry, Terms terms) {
    Written known = written.get(key);
    if (known == null) {
      known = new Written(key, keysInUse.enterTransaction(key));
    }
    Word word = new Word(known, entry, terms);
    try {
      transaction.whenEnded(word::end);
    } catch (Throwable t) {
      if (known.open == 0) {
        known.whenEnded.run();
      }
      throw t;
    }
    known.open++;
    known.last = word;
    if (claim != null) {
      known.claim = claim;
    }
    written.put(key, known);
    open.put(transaction, this);
    return word;
  }

  /** Returns the last word on the key, if that was the last to end. */
  private synchronized @Nullable Word endWord(Word word, boolean committed) {
    word.committed = committed;
    word.key.open--;
    if (word.key.open > 0) {
      return null;
    }
    written.remove(word.key.key);
    if (written.isEmpty()) {
      open.remove(transaction, this);
    }
    return word.key.last;
  }

  /** Publishes or drops, and gives up what was held. */
  private void pay(Word last) {
    try (Claim claim = last.key.claim) {
      // Safeguard DROP_AFTER_ROLLBACK: the row was never the source's.
      Parcel parcel = last.committed ? last.parcel : Parcel.NOTHING;
      long fence = claim == null ? LockHandle.NO_FENCE : claim.fence();
      settleOrGiveUp(last.key.key, fence, parcel, last.terms);
    } finally {
      last.key.whenEnded.run();
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Others of the transaction are told of its end as well.
  private void settleOrGiveUp(SlotKey key, long fence, Parcel parcel, Terms terms) {
    try {
      settle(key, fence, parcel, terms);
    } catch (Throwable t) {
      failed.warn("{}: not published after its transaction, so the entry is dropped", key, t);
      afterCommit.giveUp(key, Math.max(parcel.version(), Version.NONE), t);
    }
  }

  /** The rows share a deadline, and a store that is silent is asked for one of them only. */
  private void settle(SlotKey key, long fence, Parcel parcel, Terms terms) {
    if (storeIsSilent) {
      afterCommit.settleLater(key, parcel);
      return;
    }
    Deadline by = deadline;
    if (by == null) {
      by = terms.newDeadline(ticker);
      deadline = by;
    }
    storeIsSilent = afterCommit.settle(key, fence, parcel, by) == WriteOutcome.UNKNOWN;
  }
}
