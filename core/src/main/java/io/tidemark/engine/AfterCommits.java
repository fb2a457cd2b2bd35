package io.tidemark.engine;

import io.tidemark.CodecException;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Drop;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows the commits of many rows, as {@link AfterCommit} does it for one: checks each row,
 * and publishes them together. Whatever that throws, no entry from before its commit stays.
 * Thread-safe.
 */
final class AfterCommits<V> {
  private static final Logger LOG = LoggerFactory.getLogger(AfterCommits.class);

  private final Settings<?, V> settings;
  private final Rows<V> rows;
  private final Publishing publishing;
  private final AfterCommit<V> afterCommit;

  AfterCommits(
      Settings<?, V> settings, Rows<V> rows, Publishing publishing, AfterCommit<V> afterCommit) {
    this.settings = settings;
    this.rows = rows;
    this.publishing = publishing;
    this.afterCommit = afterCommit;
  }

  /**
   * A row that was checked.
   *
   * @param dispatch what is sent: its version alone if it could not be checked
   * @param row null if it could not be checked
   * @param failure why; null if it could
   */
  private record Sent<V>(
      Dispatch dispatch, @Nullable CheckedRow<V> row, @Nullable Throwable failure) {}

  /** Publishes rows that were committed somewhere; each has its outcome, or its failure. */
  List<Reply<WriteOutcome>> publish(List<Commit<V>> commits, Terms terms) {
    Deadline deadline =
        begin(commits.stream().map(AfterCommits::withheld).toList(), () -> newDeadline(terms));
    List<Sent<V>> sent = commits.stream().map(this::check).toList();
    send(sent.stream().map(Sent::dispatch).toList(), deadline);
    return sent.stream().map(one -> Reply.of(() -> outcome(one))).toList();
  }

  /** Drops the entries of rows that were changed somewhere. */
  List<Reply<WriteOutcome>> drop(List<SlotKey> keys, Terms terms) {
    List<Dispatch> dispatches =
        keys.stream().map(key -> new Dispatch(key, Parcel.NOTHING)).toList();
    settle(dispatches, () -> newDeadline(terms));
    return dispatches.stream().map(one -> Reply.of(() -> outcome(one))).toList();
  }

  /**
   * Publishes what was deferred, or drops, and says of each what is known of it in the end.
   *
   * @param deadline tells by when; it may fail if the clock does
   */
  void settle(List<Dispatch> dispatches, Supplier<Deadline> deadline) {
    send(dispatches, begin(dispatches, deadline));
  }

  private Deadline newDeadline(Terms terms) {
    return terms.newDeadline(settings.ticker());
  }

  private Sent<V> check(Commit<V> commit) {
    try {
      CheckedRow<V> checked = rows.check(commit.key(), commit.row());
      return new Sent<>(new Dispatch(commit.key(), checked.parcel()), checked, null);
    } catch (Throwable t) {
      return new Sent<>(withheld(commit), null, t);
    }
  }

  private static Dispatch withheld(Commit<?> commit) {
    long version = Math.max(commit.row().version().orElse(Version.NONE), Version.NONE);
    return new Dispatch(commit.key(), new Parcel.Withheld(version));
  }

  private WriteOutcome outcome(Sent<V> one) {
    Throwable failure = one.failure();
    if (failure != null) {
      throw ofOne(one.dispatch().key(), failure);
    }
    WriteOutcome outcome = outcome(one.dispatch());
    afterCommit.throwIfRefused(one.dispatch().key(), Objects.requireNonNull(one.row()));
    return outcome;
  }

  /** What was thrown for one of many rows, as its failure. Errors of the process are thrown. */
  static RuntimeException ofOne(SlotKey key, Throwable thrown) {
    Failures.throwIfOfTheProcess(thrown);
    return thrown instanceof RuntimeException failure
        ? failure
        : new CodecException(key, "encoding its value and reading it back threw an error", thrown);
  }

  private static WriteOutcome outcome(Dispatch one) {
    RuntimeException failure = one.failure();
    if (failure != null) {
      throw failure;
    }
    return Objects.requireNonNull(one.outcome());
  }

  /** Begins the call's time. If the clock fails, what is owed is dropped. */
  private Deadline begin(List<Dispatch> owed, Supplier<Deadline> deadline) {
    try {
      return deadline.get();
    } catch (Throwable t) {
      giveUp(owed, t);
      throw t;
    }
  }

  private void send(List<Dispatch> dispatches, Deadline deadline) {
    try {
      publishing.publishAll(dispatches, deadline);
    } catch (Throwable t) {
      giveUp(dispatches.stream().filter(Dispatch::isOpen).toList(), t);
      throw t;
    }
    List<Dispatch> failed = dispatches.stream().filter(one -> one.failure() != null).toList();
    if (!failed.isEmpty()) {
      giveUp(failed, Objects.requireNonNull(failed.get(0).failure()));
    }
  }

  /** Drops slots at once, or later where the store does not answer; see {@link AfterCommit}. */
  @SuppressWarnings("CatchingUnchecked") // The first failure is the one to be thrown.
  private void giveUp(List<Dispatch> dispatches, Throwable failure) {
    boolean interrupted = Thread.interrupted();
    try {
      List<Reply<PublishAnswer>> replies = settings.store().dropAll(drops(dispatches));
      for (int i = 0; i < dispatches.size(); i++) {
        if (replies.get(i) instanceof Reply.Failed<PublishAnswer> failed) {
          giveUpLater(dispatches.get(i), failure, failed.failure());
        }
      }
    } catch (Throwable t) {
      dispatches.forEach(one -> giveUpLater(one, failure, t));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private List<Drop> drops(List<Dispatch> dispatches) {
    return dispatches.stream()
        .map(one -> new Drop(one.key(), one.parcel().version(), settings.floorLife()))
        .toList();
  }

  private void giveUpLater(Dispatch one, Throwable failure, Throwable later) {
    LOG.debug("{}: no answer to a drop after a failed publish", one.key(), later);
    afterCommit.repairByDropping(one.key(), one.parcel().version(), failure);
  }
}
