package io.tidemark;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes: the lock and a forced claim around a caller's transaction, and publishing. Thread-safe.
 */
final class WritePath<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(WritePath.class);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** To publish it drops what the slot holds. */
  private static final EncodedRow NOTHING = new EncodedRow.Absent(Version.NONE);

  private final Parts<K, V> parts;
  private final Settings<K, V> settings;
  private final SlotStore store;
  private final Counters counters;

  WritePath(Parts<K, V> parts) {
    this.parts = parts;
    this.settings = parts.settings();
    this.store = settings.store();
    this.counters = parts.counters();
  }

  <X extends Exception> WriteResult<V> update(SlotKey slotKey, ClaimRule rule, Write<V, X> write)
      throws X {
    parts.keysInUse().check(slotKey);
    Deadline deadline = settings.newDeadline();
    try (Claim claim = claim(slotKey, rule, deadline.orAfter(settings.waitLimit()))) {
      // The caller's own transaction does not count against the cache's deadline.
      Duration left = Duration.ofNanos(Math.max(0, deadline.remainingNanos()));
      Row<V> row = run(claim, write);
      return publishWritten(claim, row, Deadline.after(left, settings.ticker()));
    }
  }

  WriteOutcome publish(SlotKey slotKey, Row<V> row) {
    Deadline deadline = settings.newDeadline();
    EncodedRow encoded;
    try {
      encoded = parts.rows().encode(slotKey, row);
    } catch (CodecException e) {
      drop(slotKey, deadline);
      throw e;
    }
    return publish(slotKey, LockHandle.NO_FENCE, encoded, deadline);
  }

  WriteOutcome invalidate(SlotKey slotKey) {
    return drop(slotKey, settings.newDeadline());
  }

  /**
   * A forced claim on a slot, until it is closed.
   *
   * @param fence its fence, or {@link LockHandle#NO_FENCE} where the write does without a claim
   * @param floor the slot's floor when it was made, or {@link Version#NONE}
   * @param release ends its renewal, and gives the lock back
   */
  private record Claim(SlotKey slotKey, long fence, long floor, Runnable release)
      implements AutoCloseable {

    static Claim none(SlotKey slotKey) {
      return new Claim(slotKey, LockHandle.NO_FENCE, Version.NONE, () -> {});
    }

    @Override
    public void close() {
      release.run();
    }
  }

  private Claim claim(SlotKey slotKey, ClaimRule rule, Deadline waitLimit) {
    try {
      return claim(slotKey, waitLimit);
    } catch (UnavailableException | DeadlineExceededException e) {
      if (rule == ClaimRule.REQUIRED) {
        throw e;
      }
      LOG.debug("{}: no claim could be made; the write runs all the same", slotKey, e);
      return Claim.none(slotKey);
    }
  }

  /** Takes lock and claim in time; if that fails, nothing is held and nothing written. */
  private Claim claim(SlotKey slotKey, Deadline waitLimit) {
    try {
      while (true) {
        LockHandle handle = acquire(slotKey, waitLimit);
        try {
          if (tryClaim(slotKey, handle) instanceof ClaimAnswer.Claimed claimed) {
            return claimed(slotKey, handle, claimed.floor());
          }
        } catch (OutcomeUnknownException e) {
          LOG.debug("{}: the answer to a claim was lost; a later fence takes it over", slotKey, e);
        } catch (Throwable t) {
          handle.close();
          throw t;
        }
        handle.close();
        pause(slotKey, waitLimit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(slotKey, "interrupted before the write began", e);
    }
  }

  private Claim claimed(SlotKey slotKey, LockHandle handle, long floor) {
    ClaimRenewer.Renewal renewal = parts.renewer().start(slotKey, handle.fence());
    Runnable release =
        () -> {
          renewal.close();
          handle.close();
        };
    return new Claim(slotKey, handle.fence(), floor, release);
  }

  private ClaimAnswer tryClaim(SlotKey slotKey, LockHandle handle) {
    return store.claim(slotKey, handle.fence(), ClaimMode.ALWAYS, settings.pendingLife());
  }

  private LockHandle acquire(SlotKey slotKey, Deadline waitLimit) throws InterruptedException {
    while (true) {
      LockAttempt attempt = settings.locks().tryAcquire(slotKey, waitLimit);
      if (attempt instanceof LockAttempt.Acquired acquired) {
        counters.lockAcquired.increment();
        return acquired.handle();
      }
      counters.lockWaited.increment();
      if (!((LockAttempt.Held) attempt).holder().awaitGone(waitLimit)) {
        throw tooLate(slotKey, "somebody else has loaded or written it for");
      }
    }
  }

  private <X extends Exception> Row<V> run(Claim claim, Write<V, X> write) throws X {
    parts.keysInUse().enter(claim.slotKey());
    try {
      return write.run();
    } catch (Throwable t) {
      giveUp(claim.slotKey());
      throw t;
    } finally {
      parts.keysInUse().leave(claim.slotKey());
    }
  }

  /**
   * After a write that threw. It drops the slot, where it could only give up its own claim: if the
   * answer to a commit was what got lost, somebody else's claim may cover an older row by now.
   * Works on an interrupted thread, and leaves it interrupted.
   */
  private void giveUp(SlotKey slotKey) {
    boolean interrupted = Thread.interrupted();
    try {
      store.drop(slotKey, settings.pendingLife());
    } catch (RuntimeException e) {
      LOG.debug("{}: no answer to a drop after a failed write", slotKey, e);
      parts.repairs().add(slotKey, NOTHING);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private WriteResult<V> publishWritten(Claim claim, Row<V> row, Deadline deadline) {
    SlotKey slotKey = claim.slotKey();
    EncodedRow encoded;
    try {
      encoded = parts.rows().encode(slotKey, Objects.requireNonNull(row, "write returned null"));
      if (encoded.version() != Version.NONE && encoded.version() < claim.floor()) {
        throw new InvalidVersionException(
            slotKey,
            "the write returned version %d, but the row had version %d before; a version must never"
                    .formatted(encoded.version(), claim.floor())
                + " fall",
            null);
      }
    } catch (RuntimeException e) {
      // The write is committed, so what was cached before must not come back.
      drop(slotKey, deadline);
      throw e;
    }
    return new WriteResult<>(row, publish(slotKey, claim.fence(), encoded, deadline));
  }

  private WriteOutcome drop(SlotKey slotKey, Deadline deadline) {
    return publish(slotKey, LockHandle.NO_FENCE, NOTHING, deadline);
  }

  /**
   * Publishes until the store answers or the deadline passes, and has the slot repaired then.
   * Publishing may be repeated freely, which is what makes a lost answer harmless as long as
   * another one comes.
   */
  private WriteOutcome publish(SlotKey slotKey, long fence, EncodedRow row, Deadline deadline) {
    while (true) {
      try {
        PublishAnswer answer =
            store.publish(slotKey, fence, row, parts.rows().lifetime(row), settings.pendingLife());
        return outcome(answer);
      } catch (OutcomeUnknownException | UnavailableException e) {
        if (deadline.hasPassed() || Thread.currentThread().isInterrupted()) {
          LOG.warn("{}: unknown whether a committed row was published; repairing", slotKey, e);
          parts.repairs().add(slotKey, row);
          return WriteOutcome.UNKNOWN;
        }
        LOG.debug("{}: no answer to a publish, repeating it", slotKey, e);
      }
      pauseBeforeRepeat(deadline);
    }
  }

  private WriteOutcome outcome(PublishAnswer answer) {
    return switch (answer) {
      case STORED -> {
        counters.stored.increment();
        yield WriteOutcome.STORED;
      }
      case SAME -> WriteOutcome.STORED;
      case SUPERSEDED -> {
        counters.superseded.increment();
        yield WriteOutcome.SUPERSEDED;
      }
      case DROPPED -> WriteOutcome.DROPPED;
    };
  }

  private void pause(SlotKey slotKey, Deadline waitLimit) throws InterruptedException {
    if (waitLimit.hasPassed()) {
      throw tooLate(slotKey, "no claim could be made for");
    }
    waitLimit.sleep(PAUSE_NANOS);
  }

  private DeadlineExceededException tooLate(SlotKey slotKey, String what) {
    counters.lockTimedOut.increment();
    return new DeadlineExceededException(
        slotKey, what + " " + settings.waitLimit() + "; the write did not run", null);
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
