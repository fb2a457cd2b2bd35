package io.tidemark.engine;

import io.tidemark.BulkReadResult;
import io.tidemark.BulkSource;
import io.tidemark.CallInterruptedException;
import io.tidemark.ReadResult;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WarmReport;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of {@link VersionedCache#warm}. Processes need no coordination beyond that of reads:
 * each key is loaded under its lock, or by a ballot. In random order, processes that warm the same
 * keys seldom wait for each other. Keys that are bypassed now are warmed as well: that is how to
 * prepare for the day on which they are not. For one thread; the loads run on the cache's.
 */
final class Warming<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(Warming.class);

  /** How many slots are looked at together. */
  private static final int SLOTS_AT_ONCE = 100;

  /** For how much of a second keys are gathered before they are loaded together. */
  private static final double GATHERED_SECONDS = 0.1;

  private final CacheEngine<K, V> engine;
  private final Terms terms;
  private final WarmOptions options;
  private final Pace pace;
  private final int keysPerLoad;
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

  /** The keys that the next load will have. */
  private final List<CacheKey<K>> gathered = new ArrayList<>();

  private WarmReport report = new WarmReport(0, 0, 0, 0);
  private int underWay;

  private enum Outcome {
    FOUND,
    LOADED,
    FAILED
  }

  Warming(CacheEngine<K, V> engine, Terms terms, WarmOptions options) {
    this.engine = engine;
    this.terms = terms;
    this.options = options;
    this.pace = new Pace(options.loadsPerSecond(), engine.settings().ticker());
    this.keysPerLoad = engine.settings().source() instanceof BulkSource ? mostPerLoad(options) : 1;
  }

  private static int mostPerLoad(WarmOptions options) {
    double gathered = options.loadsPerSecond() * GATHERED_SECONDS;
    return (int) Math.max(1, Math.min(options.parallelism(), gathered));
  }

  WarmReport run(Collection<? extends K> keys) {
    List<CacheKey<K>> order = inRandomOrder(keys);
    report = new WarmReport(order.size(), 0, 0, 0);
    try {
      for (int from = 0; from < order.size(); from += SLOTS_AT_ONCE) {
        throwIfOver();
        warm(order.subList(from, Math.min(from + SLOTS_AT_ONCE, order.size())));
      }
      load();
      while (underWay > 0) {
        awaitOne();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(
          null, engine.settings().name() + ": interrupted at " + report, e);
    }
    return report;
  }

  private List<CacheKey<K>> inRandomOrder(Collection<? extends K> keys) {
    Map<SlotKey, CacheKey<K>> distinct = new LinkedHashMap<>();
    for (K key : keys) {
      CacheKey<K> cacheKey = engine.settings().cacheKey(key);
      distinct.put(cacheKey.slot(), cacheKey);
    }
    List<CacheKey<K>> order = new ArrayList<>(distinct.values());
    Collections.shuffle(order, new Random(engine.settings().chance().nextLong()));
    return order;
  }

  private void throwIfOver() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    engine.checkOpen();
  }

  private void warm(List<CacheKey<K>> keys) throws InterruptedException {
    List<Reply<Slot>> slots =
        engine.settings().store().readAll(keys.stream().map(CacheKey::slot).toList());
    for (int i = 0; i < keys.size(); i++) {
      throwIfOver();
      if (isCached(keys.get(i), slots.get(i))) {
        count(Outcome.FOUND);
        continue;
      }
      pace.await();
      gathered.add(keys.get(i));
      if (gathered.size() == keysPerLoad) {
        load();
      }
    }
  }

  private boolean isCached(CacheKey<K> key, Reply<Slot> slot) {
    try {
      return slot.get().isHit();
    } catch (UnavailableException e) {
      LOG.debug("{}: the store cannot tell whether it is cached", key.slot(), e);
      return false;
    }
  }

  /** Loads what was gathered, as soon as so many keys may be under way. */
  @SuppressWarnings("FutureReturnValueIgnored") // What fails is an outcome too.
  private void load() throws InterruptedException {
    while (underWay > 0 && underWay + gathered.size() > options.parallelism()) {
      awaitOne();
    }
    if (gathered.isEmpty()) {
      return;
    }
    List<CacheKey<K>> keys = List.copyOf(gathered);
    gathered.clear();
    underWay += keys.size();
    engine
        .reads()
        .readAllThroughAsync(keys, terms)
        .whenComplete(
            (result, failure) -> keys.forEach(key -> outcomes.add(outcome(key, result, failure))));
  }

  private Outcome outcome(CacheKey<K> key, BulkReadResult<K, V> all, Throwable failure) {
    ReadResult<V> result = all == null ? null : all.results().get(key.value());
    if (result == null) {
      LOG.debug(
          "{}: not warmed", key.slot(), all == null ? failure : all.failures().get(key.value()));
      return Outcome.FAILED;
    }
    return switch (result.origin()) {
      case SOURCE_LOCK_HOLDER ->
          result.fill().equals(Optional.of(FillAnswer.STORED)) ? Outcome.LOADED : Outcome.FAILED;
      case CACHE, CACHE_AFTER_WAIT -> Outcome.FOUND;
      // Served somehow, and not cached.
      case SOURCE_FALLBACK, SOURCE_BYPASS, CACHE_STALE -> Outcome.FAILED;
    };
  }

  private void awaitOne() throws InterruptedException {
    Outcome outcome = outcomes.take();
    underWay--;
    count(outcome);
  }

  private void count(Outcome outcome) {
    report =
        new WarmReport(
            report.keys(),
            report.found() + (outcome == Outcome.FOUND ? 1 : 0),
            report.loaded() + (outcome == Outcome.LOADED ? 1 : 0),
            report.failed() + (outcome == Outcome.FAILED ? 1 : 0));
    options.progress().accept(report);
  }
}
