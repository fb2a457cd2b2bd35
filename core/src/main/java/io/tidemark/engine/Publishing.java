package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes until the store answers, refuses, or no time is left, and has slots repaired where it
 * did not answer. Publishing is idempotent, which is what makes a lost answer harmless as long as
 * another one comes. Thread-safe.
 */
final class Publishing {
  private static final Logger LOG = LoggerFactory.getLogger(Publishing.class);

  /** How many rows are sent before the deadline is looked at. */
  private static final int MOST_AT_ONCE = 1_000;

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
        boolean isTimeLeft = KeyWait.hasTimeForAnother(startNanos, deadline, ticker);
        WriteOutcome end = endOrRepeat(slotKey, row, e, isTimeLeft);
        if (end != null) {
          return end;
        }
      } catch (Throwable t) {
        // None of a store's own answers: a defect, or this process has no memory left.
        repair(slotKey, row, t);
        throw t;
      }
      pauseBeforeRepeat(deadline);
    }
  }

  /** After a try without an answer: has the slot repaired, or returns null for another try. */
  private @Nullable WriteOutcome endOrRepeat(
      SlotKey slotKey, Parcel row, TidemarkException e, boolean isTimeLeft) {
    // Safeguard REPEAT_AFTER_LOST_REPLY: the publish may not have reached the store.
    if (!isTimeLeft || e instanceof RefusedException || Thread.currentThread().isInterrupted()) {
      repair(slotKey, row, e);
      return WriteOutcome.UNKNOWN;
    }
    LOG.debug("{}: no answer to a publish, repeating it", slotKey, e);
    return null;
  }

  /**
   * Publishes many rows under no fence, likewise, and says of each what is known of it in the end.
   * A row fails for itself where the store throws what no store throws.
   */
  void publishAll(List<Dispatch> dispatches, Deadline deadline) {
    List<Dispatch> open = dispatches;
    try {
      while (true) {
        publishOnce(open, deadline);
        open = open.stream().filter(Dispatch::isOpen).toList();
        if (open.isEmpty()) {
          return;
        }
        pauseBeforeRepeat(deadline);
      }
    } catch (Throwable t) {
      open.stream().filter(Dispatch::isOpen).forEach(one -> repair(one.key(), one.parcel(), t));
      throw t;
    }
  }

  private void publishOnce(List<Dispatch> dispatches, Deadline deadline) {
    for (int from = 0; from < dispatches.size(); from += MOST_AT_ONCE) {
      List<Dispatch> some =
          dispatches.subList(from, Math.min(from + MOST_AT_ONCE, dispatches.size()));
      if (from > 0 && deadline.hasPassed()) {
        for (Dispatch one : some) {
          publishLater(one.key(), one.parcel());
          one.end(WriteOutcome.UNKNOWN);
        }
        continue;
      }
      long startNanos = ticker.nanos();
      List<Reply<PublishAnswer>> replies = publisher.publishAll(some);
      boolean isTimeLeft = KeyWait.hasTimeForAnother(startNanos, deadline, ticker);
      for (int i = 0; i < some.size(); i++) {
        settle(some.get(i), replies.get(i), isTimeLeft);
      }
    }
  }

  private void settle(Dispatch one, Reply<PublishAnswer> reply, boolean isTimeLeft) {
    if (reply instanceof Reply.Failed<PublishAnswer> failed) {
      RuntimeException failure = failed.failure();
      if (failure instanceof OutcomeUnknownException || failure instanceof UnavailableException) {
        TidemarkException noAnswer = (TidemarkException) failure;
        one.end(endOrRepeat(one.key(), one.parcel(), noAnswer, isTimeLeft));
      } else {
        repair(one.key(), one.parcel(), failure);
        one.fail(failure);
      }
    } else {
      one.end(outcome(one.key(), reply.get()));
    }
  }

  /** Has a row published in the background, where the store is known not to answer. */
  void publishLater(SlotKey slotKey, Parcel row) {
    repair(
        slotKey,
        row,
        new OutcomeUnknownException(
            slotKey, "not asked, as rows before it took the time, or got no answer", null));
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
