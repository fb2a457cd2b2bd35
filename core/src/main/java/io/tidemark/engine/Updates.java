package io.tidemark.engine;

import io.tidemark.CallInterruptedException;
import io.tidemark.ClaimRule;
import io.tidemark.DeadlineExceededException;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.WriteResult;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes updates, on the thread that it is called on: lock and claim, the caller's transaction, and
 * what follows its commit. Thread-safe.
 */
final class Updates<V> {
  private static final Logger LOG = LoggerFactory.getLogger(Updates.class);

  private final Settings<?, V> settings;
  private final Journal journal;
  private final KeysInUse keysInUse;
  private final Locker locker;
  private final Claims claims;
  private final AfterCommit<V> afterCommit;
  private final Executor executor;
  private final Executor threads;
  private final ScheduledExecutorService scheduler;

  /**
   * Prepares to make updates.
   *
   * @param executor runs those without a thread of their own, and tells how busy it is
   * @param threads what the executor takes its threads from
   * @param scheduler times the renewals of claims
   */
  Updates(
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
    this.journal = journal;
    this.keysInUse = keysInUse;
    this.locker = locker;
    this.claims = claims;
    this.afterCommit = afterCommit;
    this.executor = executor;
    this.threads = threads;
    this.scheduler = scheduler;
  }

  /**
   * Makes an update, and ends its entry.
   *
   * @throws X what the write throws
   */
  <X extends Exception> WriteResult<V> make(OpenWrites.Entry entry, Update<V, X> update) throws X {
    try (entry;
        Claim claim = claim(entry, update)) {
      // The caller's own transaction does not count against the cache's deadline.
      Duration left = Duration.ofNanos(Math.max(0, update.deadline().remainingNanos()));
      Row<V> row = write(update);
      return afterCommit.publish(update.key(), claim, row, left);
    }
  }

  /**
   * Makes an update in a transaction that its caller has begun. Lock, claim and entry are held
   * until that ends; a write that throws may be committed all the same, so nothing is given up
   * before.
   *
   * @throws X what the write throws
   */
  <X extends Exception> WriteResult<V> makeIn(
      OpenTransaction transaction, OpenWrites.Entry entry, Update<V, X> update) throws X {
    OpenTransaction.Word word = begin(transaction, entry, update);
    return afterCommit.defer(update.key(), word.claim(), run(update), word::publishes);
  }

  private OpenTransaction.Word begin(
      OpenTransaction transaction, OpenWrites.Entry entry, Update<V, ?> update) {
    try {
      if (transaction.hasClaimed(update.key())) {
        entry.begin();
        return transaction.add(update.key(), null, entry, update.terms());
      }
      Claim claim = claimAmong(transaction, entry, update);
      try {
        return transaction.add(update.key(), claim, entry, update.terms());
      } catch (Throwable t) {
        giveUp(claim);
        throw t;
      }
    } catch (Throwable t) {
      entry.close();
      throw t;
    }
  }

  private @Nullable Claim claimAmong(
      OpenTransaction transaction, OpenWrites.Entry entry, Update<V, ?> update) {
    try {
      return claim(entry, update);
    } catch (DeadlineExceededException e) {
      List<SlotKey> held = transaction.claimed();
      throw held.isEmpty()
          ? e
          : new DeadlineExceededException(
              update.key(),
              "%s; this transaction holds the locks of %s until it ends, and transactions that update the same keys in different orders wait for each other"
                  .formatted(e.withoutKey(), held),
              e);
    }
  }

  private <X extends Exception> Row<V> write(Update<V, X> update) throws X {
    try {
      return run(update);
    } catch (Throwable t) {
      // Safeguard DROP_AFTER_FAILED_WRITE: the answer to its commit may be what was lost.
      afterCommit.giveUp(update.key(), Version.NONE, t);
      throw t;
    }
  }

  private <X extends Exception> Row<V> run(Update<V, X> update) throws X {
    keysInUse.enter(update.key());
    try {
      return update.write().run();
    } finally {
      keysInUse.leave(update.key());
    }
  }

  /**
   * After it, nothing calls the write off any more.
   *
   * @return null where the write does without a claim
   */
  private @Nullable Claim claim(OpenWrites.Entry entry, Update<V, ?> update) {
    entry.beginToWait();
    Claim claim;
    try {
      claim = claimByRule(update);
    } catch (Throwable t) {
      entry.fail(t);
      throw t;
    }
    try {
      entry.begin();
      return claim;
    } catch (TidemarkException e) {
      giveUp(claim);
      throw e;
    }
  }

  private static void giveUp(@Nullable Claim claim) {
    if (claim != null) {
      claim.close();
      claim.abandon();
    }
  }

  private @Nullable Claim claimByRule(Update<V, ?> update) {
    try {
      checkThreads(update.key());
      return claimInTime(update);
    } catch (UnavailableException | DeadlineExceededException e) {
      if (update.rule() == ClaimRule.REQUIRED) {
        throw e instanceof UnavailableException away ? notRun(update.key(), away) : e;
      }
      LOG.debug("{}: no claim could be made; the write runs all the same", update.key(), e);
      return null;
    }
  }

  /** Without threads a claim is not renewed, and what the store does not answer to not repaired. */
  private void checkThreads(SlotKey slotKey) {
    boolean isShutDown = threads instanceof ExecutorService pool && pool.isShutdown();
    if (isShutDown || scheduler.isShutdown()) {
      throw new RefusedException(
          slotKey, "the " + (isShutDown ? "executor" : "scheduler") + " was shut down", null);
    }
  }

  /** The message that a store or a lock provider gives is that of a read as well. */
  static UnavailableException notRun(SlotKey slotKey, UnavailableException e) {
    String message = e.withoutKey() + Work.WRITE.consequence();
    return e instanceof RefusedException
        ? new RefusedException(slotKey, message, e)
        : new UnavailableException(slotKey, message, e);
  }

  /** Takes lock and claim in time; if that fails, nothing is held and nothing written. */
  private Claim claimInTime(Update<V, ?> update) {
    Terms terms = update.terms();
    KeyWait wait =
        new KeyWait(
            settings,
            journal,
            locker,
            update.key(),
            Work.WRITE,
            false,
            terms.waitLimit(),
            update.deadline().orAfter(terms.waitLimit()));
    if (wait.isOver()) {
      throw NoThread.inTime(
          update.key(), "write", terms.profile().deadline(), executor, Work.WRITE.consequence());
    }
    try {
      Claim claim;
      do {
        claim = tryClaim(wait, terms);
      } while (claim == null);
      return claim;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(update.key(), "interrupted before the write began", e);
    }
  }

  /** Takes the lock, and claims once. Returns null where another fence has to try again. */
  private @Nullable Claim tryClaim(KeyWait wait, Terms terms) throws InterruptedException {
    HeldLock lock = wait.acquire();
    try {
      return claimUnder(lock, wait, terms);
    } catch (Throwable t) {
      lock.close();
      throw t;
    }
  }

  /** Claims once. Returns null likewise, after the lock was released. */
  private @Nullable Claim claimUnder(HeldLock lock, KeyWait wait, Terms terms)
      throws InterruptedException {
    long startNanos = settings.ticker().nanos();
    try {
      ClaimOutcome outcome = claims.take(lock, ClaimMode.ALWAYS, terms.profile());
      if (outcome instanceof ClaimOutcome.Taken taken) {
        return taken.claim();
      }
      lock.close();
      wait.pauseAfter(((ClaimOutcome.Lost) outcome).claim(), startNanos);
    } catch (OutcomeUnknownException e) {
      LOG.debug("{}: the answer to a claim was lost; a later fence takes it over", lock.key(), e);
      lock.close();
      wait.pause(startNanos, e);
    }
    return null;
  }
}
