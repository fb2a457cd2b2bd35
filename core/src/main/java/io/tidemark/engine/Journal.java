package io.tidemark.engine;

import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheListener;
import io.tidemark.CacheStats;
import io.tidemark.Explanation;
import io.tidemark.Origin;
import io.tidemark.Rollout;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what every part of a cache does: counts events, remembers the latest, and tells the
 * listeners. Thread-safe.
 */
final class Journal {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

  private final Counters counters = new Counters();
  private final RecentEvents recent;
  private final List<CacheListener> listeners;
  private final ThrottledLog log;

  Journal(List<CacheListener> listeners, Ticker ticker) {
    this.recent = new RecentEvents(ticker);
    this.listeners = List.copyOf(listeners);
    this.log = new ThrottledLog(Journal.class, ticker);
  }

  /** Says that something was done that takes no time. */
  void add(Kind kind, SlotKey key) {
    add(kind, key, Duration.ZERO);
  }

  /** Says that something was done, and how long it took. */
  void add(Kind kind, SlotKey key, Duration took) {
    add(kind, key, took, null);
  }

  /** Says that a read was answered, and how long it took. */
  void addRead(Origin origin, SlotKey key, Duration took) {
    switch (origin) {
      case CACHE -> add(Kind.READ_FROM_CACHE, key, took);
      case CACHE_AFTER_WAIT -> add(Kind.READ_AFTER_WAIT, key, took);
      case SOURCE_LOCK_HOLDER -> add(Kind.READ_BY_LOAD, key, took);
      case SOURCE_FALLBACK -> add(Kind.READ_BY_FALLBACK, key, took);
      case SOURCE_BYPASS -> add(Kind.READ_BY_BYPASS, key, took);
      case CACHE_STALE -> add(Kind.READ_STALE, key, took);
    }
  }

  /** Says that something was done, how long it took, and why it failed. Never throws. */
  @SuppressWarnings("CatchingUnchecked") // What is done must not depend on what is told of it.
  void add(Kind kind, SlotKey key, Duration took, @Nullable Throwable failure) {
    counters.add(kind);
    try {
      CacheEvent event = new CacheEvent(kind, key, took, failure);
      remember(event);
      tell(listener -> listener.on(event), key, kind);
    } catch (Throwable t) {
      LOG.debug("{}: nobody was told of {}", key, kind, t);
    }
  }

  @SuppressWarnings("CatchingUnchecked") // The listeners can do without a clock.
  private void remember(CacheEvent event) {
    try {
      recent.add(event);
    } catch (Throwable t) {
      LOG.debug("{} will not be explained", event, t);
    }
  }

  /** Says that the cache was built. */
  void addBuilt(String cache) {
    tell(listener -> listener.onBuilt(cache), cache, "onBuilt");
  }

  /** Says which keys are read by the cache from now on. */
  void addRollout(String cache, Rollout rollout) {
    tell(listener -> listener.onRollout(cache, rollout), cache, "onRollout");
  }

  @SuppressWarnings("CatchingUnchecked") // Not even a listener that does not link may do harm.
  private void tell(Consumer<CacheListener> telling, Object about, Object what) {
    for (CacheListener listener : listeners) {
      try {
        telling.accept(listener);
      } catch (Throwable t) {
        log.warn("{}: a listener threw at {}", about, what, t);
      }
    }
  }

  CacheStats stats() {
    return counters.snapshot();
  }

  /** What was done lately about a key, oldest first. */
  List<Explanation.PastEvent> lately(SlotKey key) {
    return recent.of(key);
  }
}
