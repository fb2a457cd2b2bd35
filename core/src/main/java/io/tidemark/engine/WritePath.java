package io.tidemark.engine;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CallInterruptedException;
import io.tidemark.ClaimRule;
import io.tidemark.CodecException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.InvalidVersionException;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.Write;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes: the lock and a forced claim around a caller's transaction, and publishing. Thread-safe.
 */
final class WritePath<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(WritePath.class);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final String NOT_RUN = Work.WRITE.consequence();
  private static final String COMMITTED = "; the write is committed";

  private final Parts<K, V> parts;
  private final Settings<K, V> settings;
  private final SlotStore store;
  private final Journal journal;
  private final ThrottledLog unknown;
  private final ThrottledLog fallen;
  private final OpenWrites open = new OpenWrites();
  private final Executor executor;
  private final Executor threads;
  private final ScheduledExecutorService scheduler;

  /**
   * Makes one.
   *
   * @param executor runs writes without a thread of their own
   * @param threads what the executor takes its threads from
   * @param scheduler calls off those that it does not run in time
   */
  WritePath(
      Parts<K, V> parts, Executor executor, Executor threads, ScheduledExecutorService scheduler) {
    this.executor = executor;
    this.threads = threads;
    this.scheduler = scheduler;
    this.parts = parts;
    this.settings = parts.settings();
    this.store = settings.store();
    this.journal = parts.journal();
    this.unknown = new ThrottledLog(WritePath.class, settings.ticker());
    this.fallen = new ThrottledLog(WritePath.class, settings.ticker());
  }

  <X extends Exception> WriteResult<V> update(
      SlotKey slotKey, ClaimRule rule, Write<V, X> write, Terms terms) throws X {
    parts.keysInUse().check(slotKey);
    Deadline deadline = terms.newDeadline(settings.ticker());
    return update(open.enter(slotKey, () -> {}), slotKey, rule, write, terms, deadline);
  }

  /** Writes on another thread. The future fails with what {@link #update} throws. */
  @SuppressWarnings({
    "CatchingUnchecked", // Whatever goes wrong, the caller must hear of it.
    "FutureReturnValueIgnored" // To cancel a timer cannot fail.
  })
  CompletableFuture<WriteResult<V>> updateAsync(
      SlotKey slotKey, ClaimRule rule, Write<V, ?> write, Terms terms) {
    parts.keysInUse().check(slotKey);
    CompletableFuture<WriteResult<V>> result = new CompletableFuture<>();
    Deadline deadline = terms.newDeadline(settings.ticker());
    AtomicBoolean begun = new AtomicBoolean();
    OpenWrites.Entry entry =
        open.enter(
            slotKey,
            () ->
                result.completeExceptionally(
                    new CacheClosedException(slotKey, "the cache was closed" + NOT_RUN, null)));
    // Also where it was cancelled, or called off: then it does not begin.
    result.whenComplete(
        (written, failure) -> {
          if (begun.compareAndSet(false, true)) {
            entry.close();
          }
        });
    Runnable lastResort =
        () -> {
          if (entry.callOff(cause -> notClaimed(slotKey, terms, cause))) {
            result.completeExceptionally(notClaimed(slotKey, terms, null));
          }
        };
    Runnable atTheDeadline =
        () -> {
          boolean failed =
              fail(
                  result,
                  begun,
                  entry,
                  () ->
                      NoThread.inTime(
                          slotKey, "write", terms.lock().deadline(), executor, NOT_RUN));
          if (!failed) {
            // Not at once: a wait that ends at the deadline too has its rule to follow first.
            Future<?> unused =
                Timers.schedule(scheduler, lastResort, AsyncDriver.LAST_RESORT_NANOS);
          }
        };
    try {
      Future<?> timer = Timers.schedule(scheduler, atTheDeadline, deadline.remainingNanos());
      result.whenComplete((written, failure) -> Timers.cancel(timer));
    } catch (Throwable t) {
      boolean unused =
          fail(result, begun, entry, () -> refusedBy("scheduler", "time the write", slotKey, t));
      return result;
    }
    try {
      executor.execute(
          () -> {
            if (begun.compareAndSet(false, true)) {
              Completion.complete(
                  result, () -> update(entry, slotKey, rule, write, terms, deadline));
            }
          });
    } catch (Throwable t) {
      boolean unused =
          fail(result, begun, entry, () -> refusedBy("executor", "run the write", slotKey, t));
    }
    return result;
  }

  private static UnavailableException refusedBy(
      String whom, String task, SlotKey slotKey, Throwable refusal) {
    return notRun(slotKey, NoThread.refusedBy(whom, task, slotKey, refusal));
  }

  /** Of a store or locks that do not answer in the time that they may take. */
  private static DeadlineExceededException notClaimed(
      SlotKey slotKey, Terms terms, @Nullable Throwable cause) {
    return new DeadlineExceededException(
        slotKey, "lock and claim were not had within " + terms.lock().deadline() + NOT_RUN, cause);
  }

  /** Fails a write that has not begun, and returns whether that is so. */
  private static boolean fail(
      CompletableFuture<?> result,
      AtomicBoolean begun,
      OpenWrites.Entry entry,
      Supplier<TidemarkException> failure) {
    if (!begun.compareAndSet(false, true)) {
      return false;
    }
    entry.close();
    result.completeExceptionally(failure.get());
    return true;
  }

  /** The updates that have not ended. */
  OpenWrites open() {
    return open;
  }

  private <X extends Exception> WriteResult<V> update(
      OpenWrites.Entry entry,
      SlotKey slotKey,
      ClaimRule rule,
      Write<V, X> write,
      Terms terms,
      Deadline deadline)
      throws X {
    try (entry;
        Claim claim = claim(entry, slotKey, rule, terms, deadline.orAfter(terms.waitLimit()))) {
      // The caller's own transaction does not count against the cache's deadline.
      Duration left = Duration.ofNanos(Math.max(0, deadline.remainingNanos()));
      Row<V> row = run(slotKey, write);
      return afterCommit(
          slotKey,
          row,
          () -> publishWritten(slotKey, claim, row, Deadline.after(left, settings.ticker())));
    }
  }

  WriteOutcome publish(SlotKey slotKey, Row<V> row, Terms terms) {
    return afterCommit(
        slotKey,
        row,
        () -> {
          Deadline deadline = terms.newDeadline(settings.ticker());
          return publish(slotKey, LockHandle.NO_FENCE, parts.rows().check(slotKey, row), deadline);
        });
  }

  WriteOutcome invalidate(SlotKey slotKey, Terms terms) {
    return afterCommit(slotKey, null, () -> drop(slotKey, terms.newDeadline(settings.ticker())));
  }

  /**
   * Publishes what is committed. Whatever that throws, the old entry does not stay.
   *
   * @param row what is committed; null where that is not known
   */
  private <T> T afterCommit(SlotKey slotKey, @Nullable Row<V> row, Supplier<T> publishing) {
    try {
      return publishing.get();
    } catch (CodecException e) {
      // Told only once the row was published, or the entry dropped.
      throw e;
    } catch (Throwable t) {
      long version = row == null ? Version.NONE : row.version().orElse(Version.NONE);
      giveUp(slotKey, Math.max(version, Version.NONE), t);
      throw t;
    }
  }

  /**
   * After it, nothing calls the write off any more. Returns null where the write does without a
   * claim.
   */
  private @Nullable Claim claim(
      OpenWrites.Entry entry, SlotKey slotKey, ClaimRule rule, Terms terms, Deadline waitLimit) {
    entry.beginToWait();
    @Nullable Claim claim;
    try {
      claim = claim(slotKey, rule, terms, waitLimit);
    } catch (Throwable t) {
      entry.fail(t);
      throw t;
    }
    try {
      entry.begin();
      return claim;
    } catch (TidemarkException e) {
      if (claim != null) {
        claim.close();
        claim.abandon();
      }
      throw e;
    }
  }

  private @Nullable Claim claim(SlotKey slotKey, ClaimRule rule, Terms terms, Deadline waitLimit) {
    try {
      checkThreads(slotKey);
      return claim(slotKey, terms, waitLimit);
    } catch (UnavailableException | DeadlineExceededException e) {
      if (rule == ClaimRule.REQUIRED) {
        throw e instanceof UnavailableException away ? notRun(slotKey, away) : e;
      }
      LOG.debug("{}: no claim could be made; the write runs all the same", slotKey, e);
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
  private static UnavailableException notRun(SlotKey slotKey, UnavailableException e) {
    String message = e.withoutKey() + NOT_RUN;
    return e instanceof RefusedException
        ? new RefusedException(slotKey, message, e)
        : new UnavailableException(slotKey, message, e);
  }

  /** Takes lock and claim in time; if that fails, nothing is held and nothing written. */
  private Claim claim(SlotKey slotKey, Terms terms, Deadline waitLimit) {
    if (waitLimit.hasPassed()) {
      throw NoThread.inTime(slotKey, "write", terms.lock().deadline(), executor, NOT_RUN);
    }
    KeyWait wait =
        new KeyWait(
            settings, journal, parts.locker(), slotKey, Work.WRITE, terms.waitLimit(), waitLimit);
    try {
      while (true) {
        HeldLock lock = wait.acquire();
        try {
          Claim claim = claimUnder(lock, terms, wait);
          if (claim != null) {
            return claim;
          }
        } catch (Throwable t) {
          lock.close();
          throw t;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(slotKey, "interrupted before the write began", e);
    }
  }

  /** Claims once. Returns null where that is to be tried again, under another fence. */
  private @Nullable Claim claimUnder(HeldLock lock, Terms terms, KeyWait wait)
      throws InterruptedException {
    long startNanos = settings.ticker().nanos();
    try {
      ClaimOutcome outcome = parts.claims().take(lock, ClaimMode.ALWAYS, terms.lock());
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

  private <X extends Exception> Row<V> run(SlotKey slotKey, Write<V, X> write) throws X {
    parts.keysInUse().enter(slotKey);
    try {
      return write.run();
    } catch (Throwable t) {
      // Safeguard DROP_AFTER_FAILED_WRITE: the answer to its commit may be what was lost.
      giveUp(slotKey, Version.NONE, t);
      throw t;
    } finally {
      parts.keysInUse().leave(slotKey);
    }
  }

  /**
   * After a write or a publishing that threw: drops the slot at once, or later where the store does
   * not answer. To give up one's own claim would not do: if the answer to a commit was what got
   * lost, somebody else's claim may cover an older row by now. Works on an interrupted thread, and
   * leaves it interrupted.
   *
   * @param version of what is committed, or {@link Version#NONE}
   * @param failure what will be thrown, to which what fails here is added
   */
  @SuppressWarnings("CatchingUnchecked") // The first failure is the one to be thrown.
  private void giveUp(SlotKey slotKey, long version, Throwable failure) {
    boolean interrupted = Thread.interrupted();
    try {
      store.drop(slotKey, version, settings.floorLife());
    } catch (Throwable t) {
      LOG.debug("{}: no answer to a drop after a failed write", slotKey, t);
      Failures.addLater(failure, t);
      repairByDropping(slotKey, version, failure);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @SuppressWarnings("CatchingUnchecked")
  private void repairByDropping(SlotKey slotKey, long version, Throwable failure) {
    try {
      parts.repairs().add(slotKey, new Parcel.Withheld(version));
    } catch (Throwable t) {
      Failures.addLater(failure, t);
    }
  }

  private WriteResult<V> publishWritten(
      SlotKey slotKey, @Nullable Claim claim, Row<V> row, Deadline deadline) {
    CheckedRow<V> checked;
    try {
      checked = parts.rows().check(slotKey, Objects.requireNonNull(row, () -> nullRow(slotKey)));
    } catch (InvalidVersionException e) {
      throw new InvalidVersionException(slotKey, e.withoutKey() + COMMITTED, e);
    }
    long version = row.version().orElse(Version.NONE);
    if (claim != null && version != Version.NONE && version < claim.floor()) {
      // It is what the source holds now, and no reason to throw after a commit.
      fallen.warn(
          "{}: the write returned version {}, but the row had version {} before; versions of a"
              + " row must never fall",
          slotKey,
          version,
          claim.floor());
    }
    try {
      long fence = claim == null ? LockHandle.NO_FENCE : claim.fence();
      WriteOutcome outcome = publish(slotKey, fence, checked, deadline);
      return new WriteResult<>(Objects.requireNonNull(checked.copies().take()), outcome);
    } catch (CodecException e) {
      throw new CodecException(slotKey, e.withoutKey() + COMMITTED, e.getCause());
    }
  }

  private static String nullRow(SlotKey slotKey) {
    return slotKey
        + ": the write returned null; for no row it must return Row.absent()"
        + COMMITTED;
  }

  /** Publishes a row, or drops the slot for one that must not be an entry. */
  private WriteOutcome publish(SlotKey slotKey, long fence, CheckedRow<V> row, Deadline deadline) {
    WriteOutcome outcome = publish(slotKey, fence, row.parcel(), deadline);
    Refusal refusal = row.refusal();
    if (refusal != null) {
      parts.rows().tell(slotKey, refusal);
      row.throwIfRefused(slotKey, settings.fallbacks().onUncacheable());
    }
    return outcome;
  }

  private WriteOutcome drop(SlotKey slotKey, Deadline deadline) {
    return publish(slotKey, LockHandle.NO_FENCE, Parcel.NOTHING, deadline);
  }

  /**
   * Publishes until the store answers, refuses, or no time is left, and has the slot repaired where
   * it did not answer. Publishing may be repeated freely, which is what makes a lost answer
   * harmless as long as another one comes.
   */
  private WriteOutcome publish(SlotKey slotKey, long fence, Parcel row, Deadline deadline) {
    while (true) {
      long startNanos = settings.ticker().nanos();
      try {
        return outcome(slotKey, parts.publisher().publish(slotKey, fence, row));
      } catch (OutcomeUnknownException | UnavailableException e) {
        // Safeguard REPEAT_AFTER_LOST_REPLY: the publish may not have reached the store.
        if (!KeyWait.hasTimeForAnother(startNanos, deadline, settings.ticker())
            || e instanceof RefusedException
            || Thread.currentThread().isInterrupted()) {
          repair(slotKey, row, e);
          return WriteOutcome.UNKNOWN;
        }
        LOG.debug("{}: no answer to a publish, repeating it", slotKey, e);
      } catch (Throwable t) {
        // None of a store's own answers: a defect, or this process has no memory left.
        repair(slotKey, row, t);
        throw t;
      }
      pauseBeforeRepeat(deadline);
    }
  }

  private void repair(SlotKey slotKey, Parcel row, Throwable failure) {
    // Safeguard REPAIR_UNKNOWN: the slot may still hold the row from before the write.
    parts.repairs().add(slotKey, row);
    journal.add(Kind.PUBLISH_UNKNOWN, slotKey, Duration.ZERO, failure);
    unknown.warn(
        "{}: unknown whether a committed row was published; repairing: {}",
        slotKey,
        Failures.textOf(failure));
  }

  private WriteOutcome outcome(SlotKey slotKey, PublishAnswer answer) {
    return switch (answer) {
      case STORED -> told(Kind.PUBLISH_STORED, slotKey, WriteOutcome.STORED);
      case SAME -> told(Kind.PUBLISH_SAME, slotKey, WriteOutcome.STORED);
      case SUPERSEDED -> told(Kind.PUBLISH_SUPERSEDED, slotKey, WriteOutcome.SUPERSEDED);
      case DROPPED -> told(Kind.PUBLISH_DROPPED, slotKey, WriteOutcome.DROPPED);
    };
  }

  private WriteOutcome told(Kind kind, SlotKey slotKey, WriteOutcome outcome) {
    journal.add(kind, slotKey);
    return outcome;
  }

  /** An interrupt stays set: it ends the repeating, and a committed write cannot be called off. */
  private static void pauseBeforeRepeat(Deadline deadline) {
    try {
      deadline.sleep(PAUSE_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
