package io.tidemark.engine;

import io.tidemark.BulkReadResult;
import io.tidemark.BulkWriteException;
import io.tidemark.CacheStats;
import io.tidemark.CallOptions;
import io.tidemark.ClaimRule;
import io.tidemark.Explanation;
import io.tidemark.ReadResult;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WarmReport;
import io.tidemark.Write;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.Finding;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** Checks the arguments of calls, and passes them to the engine together with its terms. */
public final class DefaultVersionedCache<K, V> implements VersionedCache<K, V> {
  private final CacheEngine<K, V> engine;
  private final Settings<K, V> settings;
  private final Terms terms;

  /** Calls the cache of an engine on the terms that this was built with. */
  public DefaultVersionedCache(CacheEngine<K, V> engine) {
    this(engine, engine.settings().terms());
  }

  private DefaultVersionedCache(CacheEngine<K, V> engine, Terms terms) {
    this.engine = engine;
    this.settings = engine.settings();
    this.terms = terms;
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public VersionedCache<K, V> with(CallOptions options) {
    Terms other = terms.with(Objects.requireNonNull(options, "options"));
    other.checkFits(settings.lifetimes().grace());
    return new DefaultVersionedCache<>(engine, other);
  }

  @Override
  public ReadResult<V> read(K key) {
    return engine.reads().read(settings.cacheKey(key), terms);
  }

  @Override
  public CompletableFuture<Optional<V>> getAsync(K key) {
    return engine.reads().getAsync(settings.cacheKey(key), terms);
  }

  @Override
  public CompletableFuture<ReadResult<V>> readAsync(K key) {
    return engine.reads().readAsync(settings.cacheKey(key), terms);
  }

  @Override
  public BulkReadResult<K, V> readAll(Collection<? extends K> keys) {
    List<CacheKey<K>> distinct = distinct(keys);
    return distinct.isEmpty() ? nothing() : engine.reads().readAll(distinct, terms);
  }

  @Override
  public CompletableFuture<Map<K, Optional<V>>> getAllAsync(Collection<? extends K> keys) {
    List<CacheKey<K>> distinct = distinct(keys);
    return distinct.isEmpty()
        ? CompletableFuture.completedFuture(Map.of())
        : engine.reads().getAllAsync(distinct, terms);
  }

  @Override
  public CompletableFuture<BulkReadResult<K, V>> readAllAsync(Collection<? extends K> keys) {
    List<CacheKey<K>> distinct = distinct(keys);
    return distinct.isEmpty()
        ? CompletableFuture.completedFuture(nothing())
        : engine.reads().readAllAsync(distinct, terms);
  }

  private List<CacheKey<K>> distinct(Collection<? extends K> keys) {
    engine.checkOpen();
    Set<K> distinct = new LinkedHashSet<>(Objects.requireNonNull(keys, "keys"));
    return distinct.stream().map(settings::cacheKey).toList();
  }

  private BulkReadResult<K, V> nothing() {
    return new BulkReadResult<>(settings.name(), Map.of(), Map.of());
  }

  @Override
  public ReadResult<V> refresh(K key) {
    return engine.reads().refresh(settings.cacheKey(key), terms);
  }

  @Override
  public <X extends Exception> WriteResult<V> update(K key, ClaimRule rule, Write<V, X> write)
      throws X {
    return engine.writes().update(settings.cacheKey(key).slot(), rule, write, terms);
  }

  @Override
  public CompletableFuture<WriteResult<V>> updateAsync(K key, ClaimRule rule, Write<V, ?> write) {
    return engine.writes().updateAsync(settings.cacheKey(key).slot(), rule, write, terms);
  }

  @Override
  public WriteOutcome publish(K key, Row<V> row) {
    SlotKey slotKey = settings.cacheKey(key).slot();
    return engine.writes().publish(slotKey, Objects.requireNonNull(row, "row"), terms);
  }

  @Override
  public WriteOutcome invalidate(K key) {
    return engine.writes().invalidate(settings.cacheKey(key).slot(), terms);
  }

  @Override
  public Map<K, WriteOutcome> publishAll(Map<? extends K, Row<V>> rows) {
    engine.checkOpen();
    List<K> keys = new ArrayList<>();
    List<Commit<V>> commits = new ArrayList<>();
    Objects.requireNonNull(rows, "rows")
        .forEach(
            (key, row) -> {
              SlotKey slotKey = settings.cacheKey(key).slot();
              keys.add(key);
              commits.add(new Commit<>(slotKey, Objects.requireNonNull(row, "row")));
            });
    return keys.isEmpty() ? Map.of() : outcomes(keys, engine.writes().publishAll(commits, terms));
  }

  @Override
  public Map<K, WriteOutcome> invalidateAll(Collection<? extends K> keys) {
    List<CacheKey<K>> distinct = distinct(keys);
    return distinct.isEmpty()
        ? Map.of()
        : outcomes(
            distinct.stream().map(CacheKey::value).toList(),
            engine.writes().invalidateAll(distinct.stream().map(CacheKey::slot).toList(), terms));
  }

  private Map<K, WriteOutcome> outcomes(List<K> keys, List<Reply<WriteOutcome>> replies) {
    Map<K, WriteOutcome> outcomes = new LinkedHashMap<>();
    Map<K, RuntimeException> failures = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      if (replies.get(i) instanceof Reply.Failed<WriteOutcome> failed) {
        failures.put(keys.get(i), failed.failure());
      } else {
        outcomes.put(keys.get(i), replies.get(i).get());
      }
    }
    if (!failures.isEmpty()) {
      throw new BulkWriteException(settings.name(), outcomes, failures);
    }
    return Collections.unmodifiableMap(outcomes);
  }

  @Override
  public long clear(LongConsumer progress) {
    return engine.writes().clear(Objects.requireNonNull(progress, "progress"));
  }

  @Override
  public WarmReport warm(Collection<? extends K> keys, WarmOptions options) {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(options, "options");
    engine.checkOpen();
    return new Warming<>(engine, terms, options).run(keys);
  }

  @Override
  public Explanation<V> explain(K key) {
    return engine.explainer().explain(settings.cacheKey(key), terms);
  }

  @Override
  public List<Finding> check() {
    return engine.check(terms);
  }

  @Override
  public Rollout rollout() {
    return engine.rollout().now();
  }

  @Override
  public void switchTo(Rollout rollout) {
    engine.checkOpen();
    engine.rollout().turnTo(Objects.requireNonNull(rollout, "rollout"));
  }

  @Override
  public CacheStats stats() {
    return engine.journal().stats();
  }

  @Override
  public void close() {
    engine.close(terms);
  }
}
