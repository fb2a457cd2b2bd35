package io.tidemark.engine;

import io.tidemark.WriteOutcome;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import io.tidemark.spi.Transactions.Ending;
import io.tidemark.spi.Transactions.Transaction;
import io.tidemark.spi.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
  private final AfterCommits<?> afterCommits;
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
      AfterCommits<?> afterCommits,
      ThrottledLog failed,
      Map<Transaction, OpenTransaction> open) {
    this.transaction = transaction;
    this.ticker = ticker;
    this.keysInUse = keysInUse;
    this.afterCommit = afterCommit;
    this.afterCommits = afterCommits;
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

    /** What is owed for the key, as this is the last word on it. */
    private Parcel owed() {
      // Safeguard DROP_AFTER_ROLLBACK: the row was never the source's.
      return committed ? parcel : Parcel.NOTHING;
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
    Word word = newWord(key, entry, terms);
    begin(List.of(word), word::end);
    if (claim != null) {
      word.key.claim = claim;
    }
    return word;
  }

  /** Says that many keys are about to be written, without claims; they end together. */
  synchronized List<Word> addAll(List<SlotKey> keys, OpenWrites.Entry entry, Terms terms) {
    List<Word> words = keys.stream().map(key -> newWord(key, entry, terms)).toList();
    begin(words, ending -> endAll(words, entry, ending));
    return words;
  }

  private Word newWord(SlotKey key, OpenWrites.Entry entry, Terms terms) {
    Written known =
        written.computeIfAbsent(key, same -> new Written(same, keysInUse.enterTransaction(same)));
    known.open++;
    return new Word(known, entry, terms);
  }

  private void begin(List<Word> words, Consumer<Ending> whenEnded) {
    try {
      transaction.whenEnded(whenEnded);
    } catch (Throwable t) {
      words.forEach(this::takeBack);
      throw t;
    }
    words.forEach(word -> word.key.last = word);
    open.put(transaction, this);
  }

  private void takeBack(Word word) {
    word.key.open--;
    if (word.key.open == 0) {
      written.remove(word.key.key);
      word.key.whenEnded.run();
    }
  }

  private void endAll(List<Word> words, OpenWrites.Entry entry, Ending ending) {
    try (entry) {
      boolean committed = ending == Ending.COMMITTED;
      List<Word> unclaimed = new ArrayList<>();
      for (Word word : words) {
        Word last = endWord(word, committed);
        if (last != null && last.key.claim == null) {
          unclaimed.add(last);
        } else if (last != null) {
          pay(last);
        }
      }
      payTogether(unclaimed);
    }
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
      long fence = claim == null ? LockHandle.NO_FENCE : claim.fence();
      settleOrGiveUp(last.key.key, fence, last.owed(), last.terms);
    } finally {
      last.key.whenEnded.run();
    }
  }

  /** Publishes or drops what nothing is held for, in few requests. */
  @SuppressWarnings("CatchingUnchecked") // Others of the transaction are told of its end as well.
  private void payTogether(List<Word> words) {
    if (words.isEmpty()) {
      return;
    }
    List<Dispatch> owed =
        words.stream().map(word -> new Dispatch(word.key.key, word.owed())).toList();
    try {
      settleTogether(owed, words.get(0).terms);
    } catch (Throwable t) {
      failed.warn(
          "{} and {} others: not published after their transaction, so the entries are dropped",
          owed.get(0).key(),
          owed.size() - 1,
          t);
    } finally {
      words.forEach(word -> word.key.whenEnded.run());
    }
  }

  private void settleTogether(List<Dispatch> owed, Terms terms) {
    if (storeIsSilent) {
      owed.forEach(one -> afterCommit.settleLater(one.key(), one.parcel()));
      return;
    }
    afterCommits.settle(owed, () -> deadlineOf(terms));
    storeIsSilent = owed.stream().anyMatch(one -> one.outcome() == WriteOutcome.UNKNOWN);
  }

  private Deadline deadlineOf(Terms terms) {
    Deadline by = deadline;
    if (by == null) {
      by = terms.newDeadline(ticker);
      deadline = by;
    }
    return by;
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
    storeIsSilent =
        afterCommit.settle(key, fence, parcel, deadlineOf(terms)) == WriteOutcome.UNKNOWN;
  }
}
