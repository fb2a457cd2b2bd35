package io.tidemark.engine;

import io.tidemark.ReadResult;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads: gives each call to the driver that waits for it, on the caller's thread or without.
 * Thread-safe.
 */
final class ReadPath<K, V> {
  private final Settings<K, V> settings;
  private final EpochCounter epochs;
  private final Journal journal;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final KeysInUse keysInUse;
  private final Flights<K, V> flights;
  private final RefreshesAhead<K, V> refreshesAhead;
  private final AsyncDriver asyncDriver;

  ReadPath(
      Settings<K, V> settings,
      EpochCounter epochs,
      Journal journal,
      Rows<V> rows,
      SourceReader<K, V> sources,
      KeysInUse keysInUse,
      Flights<K, V> flights,
      RefreshesAhead<K, V> refreshesAhead,
      AsyncDriver asyncDriver) {
    this.settings = settings;
    this.epochs = epochs;
    this.journal = journal;
    this.rows = rows;
    this.sources = sources;
    this.keysInUse = keysInUse;
    this.flights = flights;
    this.refreshesAhead = refreshesAhead;
    this.asyncDriver = asyncDriver;
  }

  ReadResult<V> read(CacheKey<K> key, Terms terms) {
    keysInUse.check(key.slot());
    return BlockingDriver.run(newRead(key, terms));
  }

  /** Reads without a thread while it waits. The future fails with what {@link #read} throws. */
  CompletableFuture<ReadResult<V>> readAsync(CacheKey<K> key, Terms terms) {
    keysInUse.check(key.slot());
    return asyncDriver.start(newRead(key, terms), terms.profile().deadline());
  }

  /** Reads likewise; the future has the value alone. */
  CompletableFuture<Optional<V>> getAsync(CacheKey<K> key, Terms terms) {
    // Not thenApply: what depends on it would be told of failures in another wrapping.
    CompletableFuture<Optional<V>> value = new CompletableFuture<>();
    CompletableFuture<ReadResult<V>> read = readAsync(key, terms);
    CompletableFuture<?> unused =
        read.whenComplete(
            (result, failure) -> {
              if (failure == null) {
                value.complete(result.value());
              } else {
                value.completeExceptionally(failure);
              }
            });
    // Cancelling the value cancels the read.
    unused = value.whenComplete((found, failure) -> read.cancel(false));
    return value;
  }

  ReadResult<V> refresh(CacheKey<K> key, Terms terms) {
    keysInUse.check(key.slot());
    return BlockingDriver.run(new RefreshCall<>(settings, epochs, journal, flights, key, terms));
  }

  private ReadCall<K, V> newRead(CacheKey<K> key, Terms terms) {
    return new ReadCall<>(
        settings, epochs, journal, rows, sources, flights, refreshesAhead, key, terms);
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their loads. */
  void close() {
    asyncDriver.close();
    flights.close();
    refreshesAhead.close();
  }
}
