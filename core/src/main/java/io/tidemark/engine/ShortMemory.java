package io.tidemark.engine;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Remembers something about keys for a short time. Thread-safe. */
final class ShortMemory<T> {
  private static final Logger LOG = LoggerFactory.getLogger(ShortMemory.class);

  /** Bounds the memory; further keys are not remembered. */
  private static final int MAX_KEYS = 10_000;

  private final Duration life;
  private final Ticker ticker;
  private final ConcurrentMap<SlotKey, Entry<T>> entries = new ConcurrentHashMap<>();

  private record Entry<T>(T what, long atNanos) {}

  ShortMemory(Duration life, Ticker ticker) {
    this.life = life;
    this.ticker = ticker;
  }

  /** What is remembered of a key; null if nothing is. */
  @Nullable T get(SlotKey key) {
    Entry<T> entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (isOver(entry)) {
      entries.remove(key, entry);
      return null;
    }
    return entry.what();
  }

  /** Returns whether it is remembered: there may be no room, or no clock to say until when. */
  @SuppressWarnings("CatchingUnchecked") // Often something else has failed, which is to be told.
  boolean put(SlotKey key, T what) {
    try {
      return !life.isZero() && putIfRoom(key, what);
    } catch (Throwable t) {
      LOG.debug("{}: the clock failed; nothing is remembered", key, t);
      return false;
    }
  }

  private boolean putIfRoom(SlotKey key, T what) {
    if (entries.size() >= MAX_KEYS) {
      entries.values().removeIf(this::isOver);
    }
    if (entries.size() >= MAX_KEYS) {
      return false;
    }
    entries.put(key, new Entry<>(what, ticker.nanos()));
    return true;
  }

  void forget(SlotKey key) {
    if (!entries.isEmpty()) {
      entries.remove(key);
    }
  }

  private boolean isOver(Entry<T> entry) {
    return ticker.nanos() - entry.atNanos() >= life.toNanos();
  }
}
