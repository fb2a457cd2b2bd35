package io.tidemark.engine;

import io.tidemark.CallInterruptedException;
import io.tidemark.ReadResult;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WarmReport;
import io.tidemark.spi.FillAnswer;
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
 * each key is loaded under its lock. In random order, processes that warm the same keys seldom wait
 * for each other. For one thread; the loads run on the cache's.
 */
final class Warming<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(Warming.class);

  private final VersionedCache<K, V> cache;
  private final CacheEngine<K, V> engine;
  private final WarmOptions options;
  private final Pace pace;
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private WarmReport report = new WarmReport(0, 0, 0, 0);
  private int underWay;

  private enum Outcome {
    FOUND,
    LOADED,
    FAILED
  }

  Warming(VersionedCache<K, V> cache, CacheEngine<K, V> engine, WarmOptions options) {
    this.cache = cache;
    this.engine = engine;
    this.options = options;
    this.pace = new Pace(options.loadsPerSecond(), engine.settings().ticker());
  }

  WarmReport run(Collection<? extends K> keys) {
    List<Map.Entry<SlotKey, K>> order = inRandomOrder(keys);
    report = new WarmReport(order.size(), 0, 0, 0);
    try {
      for (Map.Entry<SlotKey, K> entry : order) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        engine.checkOpen();
        warm(entry.getKey(), entry.getValue());
      }
      while (underWay > 0) {
        awaitOne();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(null, cache.name() + ": interrupted at " + report, e);
    }
    return report;
  }

  private List<Map.Entry<SlotKey, K>> inRandomOrder(Collection<? extends K> keys) {
    Map<SlotKey, K> distinct = new LinkedHashMap<>();
    for (K key : keys) {
      distinct.put(engine.settings().cacheKey(key).slot(), key);
    }
    List<Map.Entry<SlotKey, K>> order = new ArrayList<>(distinct.entrySet());
    Collections.shuffle(order, new Random(engine.settings().chance().nextLong()));
    return order;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // What fails is an outcome too.
  private void warm(SlotKey slotKey, K key) throws InterruptedException {
    if (isCached(slotKey)) {
      count(Outcome.FOUND);
      return;
    }
    pace.await();
    while (underWay >= options.parallelism()) {
      awaitOne();
    }
    underWay++;
    cache
        .readAsync(key)
        .whenComplete((result, failure) -> outcomes.add(outcome(slotKey, result, failure)));
  }

  private boolean isCached(SlotKey slotKey) {
    try {
      return engine.settings().store().read(slotKey).isHit();
    } catch (UnavailableException e) {
      LOG.debug("{}: the store cannot tell whether it is cached", slotKey, e);
      return false;
    }
  }

  private Outcome outcome(SlotKey slotKey, ReadResult<V> result, Throwable failure) {
    if (failure != null) {
      LOG.debug("{}: not warmed", slotKey, failure);
      return Outcome.FAILED;
    }
    return switch (result.origin()) {
      case SOURCE_LOCK_HOLDER ->
          result.fill().equals(Optional.of(FillAnswer.STORED)) ? Outcome.LOADED : Outcome.FAILED;
      case CACHE, CACHE_AFTER_WAIT -> Outcome.FOUND;
      // Served somehow, and not cached.
      case SOURCE_FALLBACK, CACHE_STALE -> Outcome.FAILED;
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
