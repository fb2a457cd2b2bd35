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

  <X extends Exception> WriteResult<V> update(SlotKey slotKey, Write<V, X> write) throws X {
    parts.keysInUse().check(slotKey);
    Deadline deadline = settings.newDeadline();
    try (Claim claim = claim(slotKey, deadline)) {
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

  /** The lock of a key and a forced claim on its slot, until it is closed. */
  private record Claim(SlotKey slotKey, LockHandle handle, long floor, ClaimRenewer.Renewal renewal)
      implements AutoCloseable {

    @Override
    public void close() {
      renewal.close();
      handle.close();
    }
  }

  /**
   * Takes lock and claim within the deadline; if that fails, nothing is held and nothing written.
   */
  private Claim claim(SlotKey slotKey, Deadline deadline) {
    try {
      while (true) {
        LockHandle handle = acquire(slotKey, deadline);
        try {
          if (tryClaim(slotKey, handle) instanceof ClaimAnswer.Claimed claimed) {
            return new Claim(
                slotKey, handle, claimed.floor(), parts.renewer().start(slotKey, handle.fence()));
          }
        } catch (OutcomeUnknownException e) {
          LOG.debug("{}: the answer to a claim was lost; a later fence takes it over", slotKey, e);
        } catch (Throwable t) {
          handle.close();
          throw t;
        }
        handle.close();
        pause(slotKey, deadline);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(slotKey, "interrupted before the write began", e);
    }
  }

  private ClaimAnswer tryClaim(SlotKey slotKey, LockHandle handle) {
    return store.claim(slotKey, handle.fence(), ClaimMode.ALWAYS, settings.pendingLife());
  }

  private LockHandle acquire(SlotKey slotKey, Deadline deadline) throws InterruptedException {
    while (true) {
      LockAttempt attempt = settings.locks().tryAcquire(slotKey, deadline);
      if (attempt instanceof LockAttempt.Acquired acquired) {
        counters.lockAcquired.increment();
        return acquired.handle();
      }
      counters.lockWaited.increment();
      if (!((LockAttempt.Held) attempt).holder().awaitGone(deadline)) {
        throw tooLate(slotKey, "somebody else has loaded or written it for");
      }
    }
  }

  private <X extends Exception> Row<V> run(Claim claim, Write<V, X> write) throws X {
    parts.keysInUse().enter(claim.slotKey());
    try {
      return write.run();
    } catch (Throwable t) {
      parts.abandon(claim.slotKey(), claim.handle().fence());
      throw t;
    } finally {
      parts.keysInUse().leave(claim.slotKey());
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
    return new WriteResult<>(row, publish(slotKey, claim.handle().fence(), encoded, deadline));
  }

  private WriteOutcome drop(SlotKey slotKey, Deadline deadline) {
    return publish(slotKey, LockHandle.NO_FENCE, new EncodedRow.Absent(Version.NONE), deadline);
  }

  /**
   * Publishes until the store answers or the deadline passes. Publishing may be repeated freely,
   * which is what makes a lost answer harmless as long as another one comes.
   */
  private WriteOutcome publish(SlotKey slotKey, long fence, EncodedRow row, Deadline deadline) {
    while (true) {
      try {
        PublishAnswer answer =
            store.publish(slotKey, fence, row, parts.rows().lifetime(row), settings.pendingLife());
        return outcome(answer);
      } catch (OutcomeUnknownException | UnavailableException e) {
        if (deadline.hasPassed() || Thread.currentThread().isInterrupted()) {
          LOG.warn("{}: unknown whether a committed row was published", slotKey, e);
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

  private void pause(SlotKey slotKey, Deadline deadline) throws InterruptedException {
    if (deadline.hasPassed()) {
      throw tooLate(slotKey, "no claim could be made for");
    }
    deadline.sleep(PAUSE_NANOS);
  }

  private DeadlineExceededException tooLate(SlotKey slotKey, String what) {
    counters.lockTimedOut.increment();
    return new DeadlineExceededException(
        slotKey, what + " " + settings.deadline() + "; the write did not run", null);
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
