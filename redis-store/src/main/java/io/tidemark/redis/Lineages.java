package io.tidemark.redis;

import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The lineages that a store has met. Thread-safe. */
final class Lineages {
  private final Ticker ticker;
  private final Set<Lineage> met = ConcurrentHashMap.newKeySet();

  /** Written before the lineage is one of those met, and so by all who find it among them. */
  private volatile long lastMetNanos;

  Lineages(Ticker ticker) {
    this.ticker = ticker;
    this.lastMetNanos = ticker.nanos();
  }

  /** A server has answered, and told its lineage. */
  void meet(Lineage lineage) {
    if (!met.contains(lineage)) {
      lastMetNanos = ticker.nanos();
      met.add(lineage);
    }
  }

  /**
   * Whether a lineage was met for the first time within this time. One counts for all servers: hash
   * slots of a cluster can move on from a server that has just taken over.
   */
  boolean hasMetWithin(Duration time) {
    long nanos = time.compareTo(Duration.ofDays(365)) > 0 ? Long.MAX_VALUE : time.toNanos();
    return ticker.nanos() - lastMetNanos < nanos;
  }
}
