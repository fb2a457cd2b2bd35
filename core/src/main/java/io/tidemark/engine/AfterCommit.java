package io.tidemark.engine;

import io.tidemark.CodecException;
import io.tidemark.InvalidVersionException;
import io.tidemark.Row;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a commit: checks the row and publishes it. Whatever that throws, the entry from
 * before the commit does not stay. Thread-safe.
 */
final class AfterCommit<V> {
  private static final Logger LOG = LoggerFactory.getLogger(AfterCommit.class);
  private static final String COMMITTED = "; the write is committed";
  private static final String NOT_ENDED =
      "; its transaction has not ended, and the entry is dropped when it does";

  private final Settings<?, V> settings;
  private final Rows<V> rows;
  private final Repairs repairs;
  private final Publishing publishing;
  private final ThrottledLog fallen;

  AfterCommit(Settings<?, V> settings, Rows<V> rows, Publishing publishing, Repairs repairs) {
    this.settings = settings;
    this.rows = rows;
    this.repairs = repairs;
    this.publishing = publishing;
    this.fallen = new ThrottledLog(AfterCommit.class, settings.ticker());
  }

  /** Publishes a row that was committed somewhere. */
  WriteOutcome publish(SlotKey slotKey, Row<V> row, Terms terms) {
    return orGiveUp(
        slotKey,
        row,
        () -> {
          Deadline deadline = terms.newDeadline(settings.ticker());
          return publish(slotKey, LockHandle.NO_FENCE, rows.check(slotKey, row), deadline);
        });
  }

  /** Drops the entry of a row that was changed somewhere. */
  WriteOutcome drop(SlotKey slotKey, Terms terms) {
    return orGiveUp(
        slotKey,
        null,
        () -> {
          Deadline deadline = terms.newDeadline(settings.ticker());
          return publishing.publish(slotKey, LockHandle.NO_FENCE, Parcel.NOTHING, deadline);
        });
  }

  /**
   * Publishes the row that a write has returned.
   *
   * @param claim null where the write did without one
   * @param left how long publishing may take
   */
  WriteResult<V> publish(SlotKey slotKey, @Nullable Claim claim, Row<V> row, Duration left) {
    return orGiveUp(
        slotKey,
        row,
        () -> publishWritten(slotKey, claim, row, Deadline.after(left, settings.ticker())));
  }

  /**
   * Checks a row whose transaction has not ended.
   *
   * @param claim null where the write did without one
   * @param publishLater takes what is to be published after the commit; not called for a row that
   *     breaks a rule
   */
  WriteResult<V> defer(
      SlotKey slotKey, @Nullable Claim claim, Row<V> row, Consumer<Parcel> publishLater) {
    CheckedRow<V> checked = check(slotKey, row, NOT_ENDED);
    warnIfFallen(claim, row);
    publishLater.accept(checked.parcel());
    try {
      throwIfRefused(slotKey, checked);
      return new WriteResult<>(
          Objects.requireNonNull(checked.copies().take()), WriteOutcome.DEFERRED);
    } catch (CodecException e) {
      throw new CodecException(slotKey, e.withoutKey() + NOT_ENDED, e.getCause());
    }
  }

  /** Publishes what was deferred, or drops. Returns what is known of it in the end. */
  WriteOutcome settle(SlotKey slotKey, long fence, Parcel row, Deadline deadline) {
    return publishing.publish(slotKey, fence, row, deadline);
  }

  /** Has what was deferred published or dropped in the background. */
  void settleLater(SlotKey slotKey, Parcel row) {
    publishing.publishLater(slotKey, row);
  }

  /**
   * Publishes what is committed. Whatever that throws, the old entry does not stay.
   *
   * @param row what is committed; null where that is not known
   */
  private <T> T orGiveUp(SlotKey slotKey, @Nullable Row<V> row, Supplier<T> publish) {
    try {
      return publish.get();
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
   * After a write or a publishing that threw: drops the slot at once, or later where the store does
   * not answer. To give up one's own claim would not do: if the answer to a commit was what got
   * lost, somebody else's claim may cover an older row by now. Works on an interrupted thread, and
   * leaves it interrupted.
   *
   * @param version of what is committed, or {@link Version#NONE}
   * @param failure what will be thrown, to which what fails here is added
   */
  @SuppressWarnings("CatchingUnchecked") // The first failure is the one to be thrown.
  void giveUp(SlotKey slotKey, long version, Throwable failure) {
    boolean interrupted = Thread.interrupted();
    try {
      settings.store().drop(slotKey, version, settings.floorLife());
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

  /** Has a slot dropped in the background. What that throws is added to the first failure. */
  @SuppressWarnings("CatchingUnchecked")
  void repairByDropping(SlotKey slotKey, long version, Throwable failure) {
    try {
      repairs.add(slotKey, new Parcel.Withheld(version));
    } catch (Throwable t) {
      Failures.addLater(failure, t);
    }
  }

  private WriteResult<V> publishWritten(
      SlotKey slotKey, @Nullable Claim claim, Row<V> row, Deadline deadline) {
    CheckedRow<V> checked = check(slotKey, row, COMMITTED);
    warnIfFallen(claim, row);
    try {
      long fence = claim == null ? LockHandle.NO_FENCE : claim.fence();
      WriteOutcome outcome = publish(slotKey, fence, checked, deadline);
      return new WriteResult<>(Objects.requireNonNull(checked.copies().take()), outcome);
    } catch (CodecException e) {
      throw new CodecException(slotKey, e.withoutKey() + COMMITTED, e.getCause());
    }
  }

  private CheckedRow<V> check(SlotKey slotKey, Row<V> row, String consequence) {
    try {
      return rows.check(slotKey, Objects.requireNonNull(row, () -> nullRow(slotKey, consequence)));
    } catch (InvalidVersionException e) {
      throw new InvalidVersionException(slotKey, e.withoutKey() + consequence, e);
    }
  }

  private static String nullRow(SlotKey slotKey, String consequence) {
    return slotKey
        + ": the write returned null; for no row it must return Row.absent()"
        + consequence;
  }

  private void warnIfFallen(@Nullable Claim claim, Row<V> row) {
    long version = row.version().orElse(Version.NONE);
    if (claim != null && version != Version.NONE && version < claim.floor()) {
      // It is what the source holds now, and no reason to throw after a commit.
      fallen.warn(
          "{}: the write returned version {}, but the row had version {} before; versions of a"
              + " row must never fall",
          claim.key(),
          version,
          claim.floor());
    }
  }

  /** Publishes a row, or drops the slot for one that must not be an entry. */
  private WriteOutcome publish(SlotKey slotKey, long fence, CheckedRow<V> row, Deadline deadline) {
    WriteOutcome outcome = publishing.publish(slotKey, fence, row.parcel(), deadline);
    throwIfRefused(slotKey, row);
    return outcome;
  }

  /** Tells of a row that cannot be cached, and refuses it where that is the policy. */
  void throwIfRefused(SlotKey slotKey, CheckedRow<V> row) {
    Refusal refusal = row.refusal();
    if (refusal != null) {
      rows.tell(slotKey, refusal);
      rows.throwIfRefused(slotKey, row);
    }
  }
}
