package io.tidemark;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The failures of the source that are remembered, so that a source that is down is not asked by
 * every caller. Thread-safe.
 */
final class LoadFailures {
  /** Bounds the memory; what is beyond is not remembered. */
  private static final int MAX_KEYS = 10_000;

  private final Duration life;
  private final Ticker ticker;
  private final ConcurrentMap<SlotKey, Failure> failures = new ConcurrentHashMap<>();

  private record Failure(Throwable cause, long atNanos) {}

  LoadFailures(Duration life, Ticker ticker) {
    this.life = life;
    this.ticker = ticker;
  }

  /**
   * Refuses a key whose source has just failed.
   *
   * @throws LoadFailedException with the failure as its cause
   */
  void check(SlotKey key) {
    Failure failure = failures.get(key);
    if (failure == null) {
      return;
    }
    if (isOver(failure)) {
      failures.remove(key, failure);
      return;
    }
    throw new LoadFailedException(
        key, "the source failed, and is not asked again for " + life, failure.cause());
  }

  void add(SlotKey key, Throwable cause) {
    if (life.isZero()) {
      return;
    }
    if (failures.size() >= MAX_KEYS) {
      failures.values().removeIf(this::isOver);
    }
    if (failures.size() < MAX_KEYS) {
      failures.put(key, new Failure(cause, ticker.nanos()));
    }
  }

  /** The source has answered again. */
  void forget(SlotKey key) {
    if (!failures.isEmpty()) {
      failures.remove(key);
    }
  }

  private boolean isOver(Failure failure) {
    return ticker.nanos() - failure.atNanos() >= life.toNanos();
  }
}
