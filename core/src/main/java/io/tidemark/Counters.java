package io.tidemark;

import java.util.concurrent.atomic.LongAdder;

/** Counts what a cache does. Thread-safe. The names are those of {@link CacheStats}. */
final class Counters {
  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder loads = new LongAdder();
  final LongAdder stored = new LongAdder();
  final LongAdder superseded = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder behind = new LongAdder();
  final LongAdder lockAcquired = new LongAdder();
  final LongAdder lockWaited = new LongAdder();
  final LongAdder lockTimedOut = new LongAdder();
  final LongAdder fallbacks = new LongAdder();
  final LongAdder damaged = new LongAdder();
  final LongAdder repaired = new LongAdder();
  final LongAdder repairsAbandoned = new LongAdder();

  CacheStats snapshot() {
    return new CacheStats(
        hits.sum(),
        misses.sum(),
        loads.sum(),
        stored.sum(),
        superseded.sum(),
        refused.sum(),
        behind.sum(),
        lockAcquired.sum(),
        lockWaited.sum(),
        lockTimedOut.sum(),
        fallbacks.sum(),
        damaged.sum(),
        repaired.sum(),
        repairsAbandoned.sum());
  }
}
