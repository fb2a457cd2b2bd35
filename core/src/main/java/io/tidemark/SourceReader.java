package io.tidemark;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows from the source for flights, and remembers its failures, and rows that cannot be
 * cached. Thread-safe.
 */
final class SourceReader<K, V> {
  private final Rows<V> rows;
  private final Journal journal;
  private final Ticker ticker;
  private final Duration failureTtl;

  /** So that a source that is down is not asked by every caller. */
  private final ShortMemory<Throwable> failures;

  /** So that readers of a row that cannot be cached do not queue for its lock. */
  private final ShortMemory<Uncached> uncached;

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

  /**
   * What is remembered of a row that cannot be cached.
   *
   * @param isForAll whether those who ask for it at once can share a load
   */
  record Uncached(Refusal refusal, boolean isForAll) {}

  SourceReader(Settings<K, V> settings, Rows<V> rows, Journal journal) {
    this.rows = rows;
    this.journal = journal;
    this.ticker = settings.ticker();
    this.failureTtl = settings.failureTtl();
    this.failures = new ShortMemory<>(failureTtl, ticker);
    this.uncached =
        new ShortMemory<>(
            settings.onUncacheable() == UncacheablePolicy.LOAD
                ? Duration.ofMinutes(1)
                : Duration.ofSeconds(1),
            ticker);
  }

  /**
   * Refuses a key whose source has just failed.
   *
   * @throws LoadFailedException with the failure as its cause
   */
  void checkNotFailing(SlotKey slotKey) {
    Throwable failure = failures.get(slotKey);
    if (failure != null) {
      throw new LoadFailedException(
          slotKey, "the source failed, and is not asked again for " + failureTtl, failure);
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
   * Reads a row for those who are on a flight now.
   *
   * @throws LoadFailedException if the source threw
   * @throws InvalidVersionException if the row's version breaks its rule
   */
  Loaded<V> read(Source<K, V> source, K key, SlotKey slotKey, Flight<V> flight) {
    long epoch = flight.advanceToLoad();
    journal.add(Kind.LOAD, slotKey);
    long startedNanos = ticker.nanos();
    Row<V> row;
    try {
      row = load(source, key, slotKey);
    } catch (RuntimeException | Error e) {
      failures.put(slotKey, e.getCause() == null ? e : e.getCause());
      journal.add(Kind.LOAD_FAILED, slotKey, since(startedNanos), e);
      throw e;
    }
    failures.forget(slotKey);
    Duration loadTime = since(startedNanos);
    lastLoadTime = loadTime;
    journal.add(Kind.LOADED, slotKey, loadTime);
    CheckedRow<V> checked = rows.check(slotKey, row, loadTime);
    if (checked.refusal() == null) {
      uncached.forget(slotKey);
    } else {
      rows.tell(slotKey, checked.refusal());
      uncached.put(slotKey, new Uncached(checked.refusal(), checked.copies().areEnough()));
    }
    return new Loaded<>(checked, epoch);
  }

  private Row<V> load(Source<K, V> source, K key, SlotKey slotKey) {
    Row<V> row;
    try {
      row = source.load(key);
    } catch (InvalidVersionException e) {
      throw new InvalidVersionException(slotKey, Objects.requireNonNull(e.getMessage()), e);
    } catch (SQLTransientConnectionException | SQLNonTransientConnectionException e) {
      // Says which pool or server gave none; other messages of databases may have values in them.
      throw new LoadFailedException(slotKey, "the source failed: " + e.getMessage(), e);
    } catch (Exception e) {
      throw new LoadFailedException(slotKey, "the source failed", e);
    }
    if (row == null) {
      throw new LoadFailedException(
          slotKey, "the source returned null; for no row it must return Row.absent()", null);
    }
    return row;
  }

  /** A clock that steps back tells nothing. */
  private Duration since(long startedNanos) {
    return Duration.ofNanos(Math.max(0, ticker.nanos() - startedNanos));
  }
}
