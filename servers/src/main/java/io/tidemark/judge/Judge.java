package io.tidemark.judge;

import java.util.HashMap;
import java.util.Map;

/**
 * Says whether what a cache answered was wrong. It knows nothing of the cache: only which writes
 * were acknowledged, and which reads were answered, and when. A read must return the last version
 * that was acknowledged before the read began, or a newer one, and none older than another read was
 * answered before it began. Thread-safe.
 */
public final class Judge {
  /** What it says. */
  public enum Verdict {
    /** As new as it must be. */
    RIGHT,
    /** Older than a write that was acknowledged before. */
    OLD,
    /** Not that, but older than what another read was answered before. */
    BACK
  }

  /**
   * A read that has begun.
   *
   * @param key what is read
   * @param acknowledged the highest version that was acknowledged before
   * @param answered the highest version that any read was answered before
   */
  public record Reading(long key, long acknowledged, long answered) {}

  private static final long NONE = Long.MIN_VALUE;

  private final Map<Long, Long> acknowledged = new HashMap<>();
  private final Map<Long, Long> answered = new HashMap<>();

  /** Notes that a read begins. To be called before it is sent. */
  public synchronized Reading begin(long key) {
    return new Reading(key, acknowledged.getOrDefault(key, NONE), answered.getOrDefault(key, NONE));
  }

  /** Judges the answer to a read. To be called when it is there. */
  public synchronized Verdict answered(Reading reading, long version) {
    answered.merge(reading.key(), version, Math::max);
    if (version < reading.acknowledged()) {
      return Verdict.OLD;
    }
    return version < reading.answered() ? Verdict.BACK : Verdict.RIGHT;
  }

  /** Notes that a write was acknowledged. To be called when that is known. */
  public synchronized void acknowledged(long key, long version) {
    acknowledged.merge(key, version, Math::max);
  }
}
