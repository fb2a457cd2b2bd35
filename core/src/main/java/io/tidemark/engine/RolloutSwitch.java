package io.tidemark.engine;

import io.tidemark.Rollout;
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

  RolloutSwitch(String cache, Rollout first, Journal journal) {
    this.cache = cache;
    this.now = first;
    this.journal = journal;
  }

  Rollout now() {
    return now;
  }

  /** Applies to the reads that begin from now on. Listeners hear of changes in their order. */
  synchronized void turnTo(Rollout next) {
    Rollout before = now;
    if (!next.equals(before)) {
      now = next;
      LOG.info("{}: rollout changed from {} to {}", cache, before, next);
      journal.addRollout(cache, next);
    }
  }
}
