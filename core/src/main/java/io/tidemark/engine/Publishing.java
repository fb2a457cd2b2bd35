package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes until the store answers, refuses, or no time is left, and has the slot repaired where
 * it did not answer. Publishing is idempotent, which is what makes a lost answer harmless as long
 * as another one comes. Thread-safe.
 */
final class Publishing {
  private static final Logger LOG = LoggerFactory.getLogger(Publishing.class);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Ticker ticker;
  private final Journal journal;
  private final Publisher publisher;
  private final Repairs repairs;
  private final ThrottledLog unknown;

  Publishing(Ticker ticker, Journal journal, Publisher publisher, Repairs repairs) {
    this.ticker = ticker;
    this.journal = journal;
    this.publisher = publisher;
    this.repairs = repairs;
    this.unknown = new ThrottledLog(Publishing.class, ticker);
  }

  /** Publishes a row under a fence, or under none. Returns what is known of it in the end. */
  WriteOutcome publish(SlotKey slotKey, long fence, Parcel row, Deadline deadline) {
    while (true) {
      long startNanos = ticker.nanos();
      try {
        return outcome(slotKey, publisher.publish(slotKey, fence, row));
      } catch (OutcomeUnknownException | UnavailableException e) {
        // Safeguard REPEAT_AFTER_LOST_REPLY: the publish may not have reached the store.
        if (!KeyWait.hasTimeForAnother(startNanos, deadline, ticker)
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

  /** Has a row published in the background, where the store is known not to answer. */
  void publishLater(SlotKey slotKey, Parcel row) {
    repair(
        slotKey,
        row,
        new OutcomeUnknownException(
            slotKey, "not asked, as the store gave no answer to a row before", null));
  }

  private void repair(SlotKey slotKey, Parcel row, Throwable failure) {
    // Safeguard REPAIR_UNKNOWN: the slot may still hold the row from before the write.
    repairs.add(slotKey, row);
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
