package io.tidemark;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Remembers something about keys for a short time. Thread-safe. */
final class ShortMemory<T> {
  /** Bounds the memory; what is beyond is not remembered. */
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

  /** Returns whether it is remembered: there may be no room. */
  boolean put(SlotKey key, T what) {
    if (life.isZero()) {
      return false;
    }
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
