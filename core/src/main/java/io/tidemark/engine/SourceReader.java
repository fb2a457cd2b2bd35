package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.InvalidVersionException;
import io.tidemark.LoadFailedException;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.TidemarkException;
import io.tidemark.UncacheablePolicy;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows from the source for flights, and remembers its failures, and rows that cannot be
 * cached. Thread-safe.
 */
final class SourceReader<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(SourceReader.class);

  private final EpochCounter epochs;
  private final Rows<V> rows;
  private final Journal journal;
  private final Ticker ticker;
  private final Duration failureTtl;

  /** So that a source that is down is not asked by every caller. */
  private final ShortMemory<Throwable> failures;

  /** So that readers of a row that cannot be cached do not queue for its lock. */
  private final ShortMemory<Uncached> uncached;

  private final ThrottledLog replicaFailed;

  /** Until when a replica that hangs is not asked; null before the first time. */
  private volatile @Nullable Deadline replicaRest;

  private volatile Duration lastLoadTime = Duration.ZERO;

  /**
   * A row that was read.
   *
   * @param epoch the epoch that began with the read
   */
  record Loaded<V>(CheckedRow<V> checked, long epoch) {
    Copies<V> row() {
      return checked.copies();
    }
  }

  SourceReader(Settings<K, V> settings, EpochCounter epochs, Rows<V> rows, Journal journal) {
    this.epochs = epochs;
    this.rows = rows;
    this.journal = journal;
    this.ticker = settings.ticker();
    this.failureTtl = settings.fallbacks().failureTtl();
    this.replicaFailed = new ThrottledLog(SourceReader.class, ticker);
    this.failures = new ShortMemory<>(failureTtl, ticker);
    this.uncached =
        new ShortMemory<>(
            settings.fallbacks().onUncacheable() == UncacheablePolicy.LOAD
                ? Duration.ofMinutes(1)
                : Duration.ofSeconds(1),
            ticker);
  }

  /**
   * Refuses a key whose source has just failed, with an exception of the same type and cause: what
   * a caller has to do about it is the same. An error is that itself.
   */
  void checkNotFailing(SlotKey slotKey) {
    Throwable failure = failures.get(slotKey);
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof TidemarkException known) {
      String message = known.withoutKey() + ", and is not asked again for " + failureTtl;
      throw known instanceof InvalidVersionException
          ? new InvalidVersionException(slotKey, message, known.getCause())
          : new LoadFailedException(slotKey, message, known.getCause());
    }
  }

  /** That the key's row could not be cached just now; null if nothing is known of it. */
  @Nullable Uncached uncached(SlotKey slotKey) {
    return uncached.get(slotKey);
  }

  /** How long the last load of this process took; zero before the first. */
  Duration lastLoadTime() {
    return lastLoadTime;
  }

  /**
   * Reads a row for the callers that are on a flight now.
   *
   * @throws LoadFailedException if the source threw
   * @throws InvalidVersionException if the row's version breaks its rule
   */
  Loaded<V> read(Source<K, V> source, CacheKey<K> key, Asker asker) {
    asker.askingSource();
    long epoch = epochs.advance();
    Timed<V> timed;
    try {
      timed = ask(source, key, asker);
    } catch (RuntimeException | Error e) {
      asker.checkWanted(key.slot());
      failures.put(key.slot(), e);
      throw e;
    }
    asker.checkWanted(key.slot());
    return accept(key.slot(), timed, epoch, asker);
  }

  /**
   * Checks a row that the source gave.
   *
   * @param epoch the epoch that began with the read
   * @throws InvalidVersionException if the row's version breaks its rule
   */
  Loaded<V> accept(SlotKey slotKey, Timed<V> timed, long epoch, Asker asker) {
    failures.forget(slotKey);
    try {
      return new Loaded<>(check(slotKey, timed, asker), epoch);
    } catch (InvalidVersionException e) {
      failures.put(slotKey, e);
      throw e;
    }
  }

  /**
   * Reads a row from a replica in the same way.
   *
   * @return null if the replica failed, or hung just now: the source has not, and is not remembered
   *     to have
   */
  @SuppressWarnings("CatchingUnchecked") // Whatever a replica throws, the source can be asked.
  @Nullable Loaded<V> readReplica(Source<K, V> replica, CacheKey<K> key, Asker asker) {
    if (isReplicaResting()) {
      return null;
    }
    asker.askingReplica();
    long epoch = epochs.advance();
    try {
      return new Loaded<>(check(key.slot(), ask(replica, key, asker), asker), epoch);
    } catch (Throwable t) {
      asker.checkWanted(key.slot());
      replicaFailed.warn(
          "{}: the replica failed, so the source is asked: {}",
          key.slot(),
          (t.getCause() == null ? t : t.getCause()).getClass().getName());
      return null;
    }
  }

  /** Whether the replica is not to be asked now. */
  boolean isReplicaResting() {
    Deadline rest = replicaRest;
    return rest != null && !rest.hasPassed();
  }

  /** What a source has given, and how long it took. */
  record Timed<V>(Row<V> row, Duration loadTime) {}

  private Timed<V> ask(Source<K, V> source, CacheKey<K> key, Asker asker) {
    journal.add(Kind.LOAD, key.slot());
    Stopwatch stopwatch = Stopwatch.start(ticker);
    try {
      Timed<V> timed = new Timed<>(load(source, key), stopwatch.elapsed());
      journal.add(Kind.LOADED, key.slot(), timed.loadTime());
      return timed;
    } catch (RuntimeException | Error e) {
      journal.add(Kind.LOAD_FAILED, key.slot(), stopwatch.elapsed(), e);
      throw e;
    } finally {
      asker.answered();
    }
  }

  private CheckedRow<V> check(SlotKey slotKey, Timed<V> timed, Asker asker) {
    lastLoadTime = timed.loadTime();
    CheckedRow<V> checked = rows.check(slotKey, timed.row(), timed.loadTime());
    if (checked.refusal() == null) {
      uncached.forget(slotKey);
    } else {
      rows.tell(slotKey, checked.refusal());
      uncached.put(slotKey, new Uncached(checked.refusal(), checked.copies().areEnough()));
    }
    asker.checkWanted(slotKey);
    return checked;
  }

  /** Gives a replica that hangs a rest, so that not every load waits; unless the clock fails. */
  @SuppressWarnings("CatchingUnchecked") // The load that it held must be given up all the same.
  void restReplica(Duration time) {
    try {
      replicaRest = Deadline.after(time, ticker);
    } catch (Throwable t) {
      LOG.debug("The clock failed; the replica gets no rest", t);
    }
  }

  /** Remembers that the source has failed for a key. */
  void remember(SlotKey slotKey, TidemarkException failure) {
    failures.put(slotKey, failure);
  }

  private Row<V> load(Source<K, V> source, CacheKey<K> key) {
    Row<V> row;
    try {
      row = source.load(key.value());
    } catch (InvalidVersionException e) {
      throw new InvalidVersionException(key.slot(), Objects.requireNonNull(e.getMessage()), e);
    } catch (Exception e) {
      throw failedWith(key.slot(), e);
    }
    if (row == null) {
      throw new LoadFailedException(
          key.slot(), "the source returned null; for no row it must return Row.absent()", null);
    }
    return row;
  }

  /** What callers are thrown when the source has thrown something. */
  static LoadFailedException failedWith(SlotKey slotKey, Throwable failure) {
    // Says which pool or server gave none; other messages of databases may have values in them.
    boolean tellsNoValues =
        failure instanceof SQLTransientConnectionException
            || failure instanceof SQLNonTransientConnectionException;
    return new LoadFailedException(
        slotKey, "the source failed" + (tellsNoValues ? ": " + failure.getMessage() : ""), failure);
  }
}
