package io.tidemark.engine;

import io.tidemark.Rollout;
import java.util.ArrayDeque;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which keys this process reads by the cache now. A read looks once, when it begins, and ends as it
 * began. Writes do not look. Thread-safe.
 */
final class RolloutSwitch {
  private static final Logger LOG = LoggerFactory.getLogger(RolloutSwitch.class);

  private final String cache;
  private final Journal journal;
  private volatile Rollout now;

  /** What the listeners have yet to hear of. */
  private final Queue<Rollout> untold = new ArrayDeque<>();

  /** Whether they hear of changes now, so that it is a listener that makes another. */
  private boolean isTelling;

  RolloutSwitch(String cache, Rollout first, Journal journal) {
    this.cache = cache;
    this.now = first;
    this.journal = journal;
  }

  Rollout now() {
    return now;
  }

  /**
   * Applies to the reads that begin from now on. Every listener hears of changes in their order.
   */
  synchronized void turnTo(Rollout next) {
    Rollout before = now;
    if (next.equals(before)) {
      return;
    }
    now = next;
    LOG.info("{}: rollout changed from {} to {}", cache, before, next);
    untold.add(next);
    if (!isTelling) {
      tell();
    }
  }

  private void tell() {
    isTelling = true;
    try {
      for (Rollout change = untold.poll(); change != null; change = untold.poll()) {
        journal.addRollout(cache, change);
      }
    } finally {
      isTelling = false;
    }
  }
}
