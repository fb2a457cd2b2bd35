package io.tidemark.engine;

import io.tidemark.BulkReadResult;
import io.tidemark.ReadResult;
import io.tidemark.Rollout;
import io.tidemark.UnsafeInTransactionException;
import io.tidemark.engine.BulkReadCall.Part;
import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads: gives each call to the driver that waits for it, on the caller's thread or without.
 * Thread-safe.
 */
final class ReadPath<K, V> {
  private final Settings<K, V> settings;
  private final EpochCounter epochs;
  private final RolloutSwitch rollout;
  private final Journal journal;
  private final Rows<V> rows;
  private final SourceReader<K, V> sources;
  private final KeysInUse keysInUse;
  private final Flights<K, V> flights;
  private final AsyncDriver asyncDriver;

  ReadPath(
      Settings<K, V> settings,
      EpochCounter epochs,
      RolloutSwitch rollout,
      Journal journal,
      Rows<V> rows,
      SourceReader<K, V> sources,
      KeysInUse keysInUse,
      Flights<K, V> flights,
      AsyncDriver asyncDriver) {
    this.settings = settings;
    this.epochs = epochs;
    this.rollout = rollout;
    this.journal = journal;
    this.rows = rows;
    this.sources = sources;
    this.keysInUse = keysInUse;
    this.flights = flights;
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
    return Completion.mapped(readAsync(key, terms), ReadResult::value);
  }

  ReadResult<V> refresh(CacheKey<K> key, Terms terms) {
    keysInUse.check(key.slot());
    return BlockingDriver.run(new RefreshCall<>(settings, journal, flights, key, newCaller(terms)));
  }

  /** Reads many keys; one or more, each once. */
  BulkReadResult<K, V> readAll(List<CacheKey<K>> keys, Terms terms) {
    return BlockingDriver.run(newBulkRead(keys, rollout.now(), terms));
  }

  /** Reads many keys without a thread while it waits; see {@link #readAll}. */
  CompletableFuture<BulkReadResult<K, V>> readAllAsync(List<CacheKey<K>> keys, Terms terms) {
    return readAllAsync(keys, rollout.now(), terms);
  }

  /** Reads likewise through the cache, also those that are bypassed now. */
  CompletableFuture<BulkReadResult<K, V>> readAllThroughAsync(List<CacheKey<K>> keys, Terms terms) {
    return readAllAsync(keys, Rollout.on(), terms);
  }

  private CompletableFuture<BulkReadResult<K, V>> readAllAsync(
      List<CacheKey<K>> keys, Rollout now, Terms terms) {
    return asyncDriver.start(newBulkRead(keys, now, terms), terms.profile().deadline());
  }

  /** Reads likewise; the future has the values alone. */
  CompletableFuture<Map<K, Optional<V>>> getAllAsync(List<CacheKey<K>> keys, Terms terms) {
    return Completion.mapped(readAllAsync(keys, terms), BulkReadResult::values);
  }

  private Caller newCaller(Terms terms) {
    return Caller.now(settings, epochs, terms, KeysInUse.isLoadingOrWriting());
  }

  private ReadCall<K, V> newRead(CacheKey<K> key, Terms terms) {
    return newRead(key, flights, rollout.now(), newCaller(terms));
  }

  private ReadCall<K, V> newRead(
      CacheKey<K> key, Boarding<K, V> boarding, Rollout now, Caller caller) {
    boolean isBypassed = !now.isOn(key.slot().key());
    return new ReadCall<>(settings, journal, rows, sources, boarding, key, isBypassed, caller);
  }

  private BulkReadCall<K, V> newBulkRead(List<CacheKey<K>> keys, Rollout now, Terms terms) {
    boolean mayAskForAny = keysInUse.areNone();
    if (!mayAskForAny) {
      keys.forEach(key -> keysInUse.checkNotNested(key.slot()));
    }
    Caller caller = newCaller(terms);
    Batch<K, V> batch = new Batch<>(flights);
    return new BulkReadCall<>(
        settings,
        caller,
        batch,
        keys.stream()
            .map(
                key ->
                    new Part<>(
                        key,
                        newRead(key, batch, now, caller),
                        mayAskForAny ? null : refusalOf(key.slot())))
            .toList());
  }

  /** Why one of many keys must not be read in a transaction of this thread; null if it may. */
  private @Nullable RuntimeException refusalOf(SlotKey key) {
    try {
      keysInUse.check(key);
      return null;
    } catch (UnsafeInTransactionException e) {
      return e;
    }
  }

  /** Refuses new flights, ends those under way with an error, and interrupts their loads. */
  void close() {
    asyncDriver.close();
    flights.close();
  }
}
