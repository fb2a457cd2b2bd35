package io.tidemark.engine;

import io.tidemark.BulkSource;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.LoadFailedException;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.engine.SourceReader.Loaded;
import io.tidemark.engine.SourceReader.Timed;
import io.tidemark.spi.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows of many keys: in one call of a {@link BulkSource}, or one after the other from any
 * other source. Where a call for many fails, each key is asked for by itself, so that only those
 * fail that cannot be read; unless it failed for want of a connection, which each of them would
 * wait for again. Thread-safe.
 */
final class BulkReader<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(BulkReader.class);

  private final Settings<K, V> settings;
  private final EpochCounter epochs;
  private final Journal journal;
  private final SourceReader<K, V> sources;

  BulkReader(
      Settings<K, V> settings, EpochCounter epochs, Journal journal, SourceReader<K, V> sources) {
    this.settings = settings;
    this.epochs = epochs;
    this.journal = journal;
    this.sources = sources;
  }

  /** Whether the source reads many rows in one call. */
  boolean isBulk() {
    return settings.source() instanceof BulkSource;
  }

  /**
   * Reads rows from the source.
   *
   * @return for each key, the row or why it cannot be read, as {@link SourceReader#read} does;
   *     empty if the source failed for all of several keys at once: then each is to be asked for by
   *     itself
   */
  Optional<List<Reply<Loaded<V>>>> read(List<CacheKey<K>> keys, Asker asker) {
    asker.checkWanted(keys.get(0).slot());
    if (!(settings.source() instanceof BulkSource<K, V> bulk) || keys.size() == 1) {
      return Optional.of(keys.stream().map(key -> readOne(key, asker)).toList());
    }
    asker.askingSource();
    long epoch = epochs.advance();
    Asked<V> asked = askForAll(bulk, keys, asker);
    asker.checkWanted(keys.get(0).slot());
    Throwable failure = asked.failure();
    if (failure == null) {
      return Optional.of(accepted(keys, asked.rows(), epoch, asker));
    }
    if (Failures.isOfConnection(failure)) {
      return Optional.of(failed(keys, failure));
    }
    LOG.debug(
        "{} and {} others: the source failed for all at once, so it is asked for each",
        keys.get(0).slot(),
        keys.size() - 1,
        failure);
    return Optional.empty();
  }

  /** Reads the row of one key likewise. */
  Reply<Loaded<V>> readOne(CacheKey<K> key, Asker asker) {
    return Failures.replyOf(() -> sources.read(settings.source(), key, asker));
  }

  private List<Reply<Loaded<V>>> failed(List<CacheKey<K>> keys, Throwable failure) {
    List<Reply<Loaded<V>>> replies = new ArrayList<>();
    for (CacheKey<K> key : keys) {
      LoadFailedException failed = SourceReader.failedWith(key.slot(), failure);
      sources.remember(key.slot(), failed);
      replies.add(new Reply.Failed<>(failed));
    }
    return replies;
  }

  private List<Reply<Loaded<V>>> accepted(
      List<CacheKey<K>> keys, List<Timed<V>> rows, long epoch, Asker asker) {
    List<Reply<Loaded<V>>> replies = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      CacheKey<K> key = keys.get(i);
      Timed<V> row = rows.get(i);
      replies.add(Failures.replyOf(() -> sources.accept(key.slot(), row, epoch, asker)));
    }
    return replies;
  }

  /**
   * Reads rows from the replica likewise.
   *
   * @return for each key, the row; empty if the replica failed, or hung just now
   */
  List<Optional<Loaded<V>>> readReplica(List<CacheKey<K>> keys, Asker asker) {
    Source<K, V> replica = settings.replica().orElseThrow();
    if (!(replica instanceof BulkSource<K, V> bulk) || keys.size() == 1) {
      return keys.stream()
          .map(key -> Optional.ofNullable(sources.readReplica(replica, key, asker)))
          .toList();
    }
    if (sources.isReplicaResting()) {
      return Collections.nCopies(keys.size(), Optional.empty());
    }
    asker.askingReplica();
    long epoch = epochs.advance();
    Asked<V> asked = askForAll(bulk, keys, asker);
    asker.checkWanted(keys.get(0).slot());
    if (asked.failure() != null) {
      return Collections.nCopies(keys.size(), Optional.empty());
    }
    return accepted(keys, asked.rows(), epoch, asker).stream()
        .map(
            reply ->
                reply instanceof Reply.Answered<Loaded<V>> one
                    ? Optional.of(one.answer())
                    : Optional.<Loaded<V>>empty())
        .toList();
  }

  /**
   * What a call for many keys has given.
   *
   * @param rows the rows, in the order of the keys; none if it failed
   * @param failure null if it did not
   */
  private record Asked<V>(List<Timed<V>> rows, @Nullable Throwable failure) {}

  /** Asks for all keys at once. */
  @SuppressWarnings("CatchingUnchecked") // What fails for all may be read one by one.
  private Asked<V> askForAll(BulkSource<K, V> source, List<CacheKey<K>> keys, Asker asker) {
    keys.forEach(key -> journal.add(Kind.LOAD, key.slot()));
    Stopwatch stopwatch = Stopwatch.start(settings.ticker());
    try {
      Map<K, Row<V>> found = source.loadAll(values(keys));
      List<Timed<V>> rows = inOrder(keys, found, stopwatch.elapsed());
      keys.forEach(key -> journal.add(Kind.LOADED, key.slot(), stopwatch.elapsed()));
      return new Asked<>(rows, null);
    } catch (Throwable e) {
      keys.forEach(key -> journal.add(Kind.LOAD_FAILED, key.slot(), stopwatch.elapsed(), e));
      return new Asked<>(List.of(), e);
    } finally {
      asker.answered();
    }
  }

  private Set<K> values(List<CacheKey<K>> keys) {
    Set<K> values = new LinkedHashSet<>();
    keys.forEach(key -> values.add(key.value()));
    return Collections.unmodifiableSet(values);
  }

  /** A key in another form than it was asked for would pass for a row that does not exist. */
  private List<Timed<V>> inOrder(List<CacheKey<K>> keys, Map<K, Row<V>> found, Duration loadTime) {
    if (found == null) {
      throw new LoadFailedException(
          keys.get(0).slot(), "the source returned null for many keys", null);
    }
    Set<K> unasked = new HashSet<>(found.keySet());
    List<Timed<V>> rows = new ArrayList<>();
    for (CacheKey<K> key : keys) {
      Row<V> row = unasked.remove(key.value()) ? found.get(key.value()) : Row.absent();
      if (row == null) {
        throw new LoadFailedException(
            key.slot(), "the source returned null for it; for no row, it must leave it out", null);
      }
      rows.add(new Timed<>(row, loadTime));
    }
    if (!unasked.isEmpty()) {
      throw new LoadFailedException(
          keys.get(0).slot(),
          "asked for %d keys, the source returned rows of %d others"
              .formatted(keys.size(), unasked.size()),
          null);
    }
    return rows;
  }
}
