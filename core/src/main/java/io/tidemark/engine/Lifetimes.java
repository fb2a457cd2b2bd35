package io.tidemark.engine;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long entries are served and kept. Each component is explained at the option of the same name
 * in {@link io.tidemark.CacheBuilder}.
 */
public record Lifetimes(Duration ttl, Duration negativeTtl, double ttlJitter, Duration grace) {
  /** The shortest life that a store knows. */
  private static final Duration SHORTEST_LIFE = Duration.ofMillis(1);

  /** Whether a row is made an entry: it is not where its own time to live is over by then. */
  boolean allow(EncodedRow row, @Nullable Deadline goodUntil) {
    if (row instanceof EncodedRow.Absent) {
      return !negativeTtl.isZero();
    }
    return goodUntil == null || goodUntil.remainingNanos() >= SHORTEST_LIFE.toNanos();
  }

  /**
   * How long a row is kept, with some of its time to live taken off by chance.
   *
   * @param goodUntil when its own time to live ends; null where it has none
   * @param replicaLag how far the source's replica may lag behind it
   */
  Lifetime of(
      EncodedRow row, @Nullable Deadline goodUntil, Duration replicaLag, RandomGenerator chance) {
    if (row instanceof EncodedRow.Absent) {
      return jittered(negativeTtl, Duration.ZERO, replicaLag, chance);
    }
    // What is no longer good is not for bad times either.
    return goodUntil == null
        ? jittered(ttl, grace, replicaLag, chance)
        : jittered(Duration.ofNanos(goodUntil.remainingNanos()), Duration.ZERO, replicaLag, chance);
  }

  /** How long an entry is kept when it has been fresh for that time. */
  Duration keptAfter(Duration fresh, Duration replicaLag) {
    return keptAfter(fresh, grace, replicaLag);
  }

  private Lifetime jittered(
      Duration full, Duration graceAfter, Duration replicaLag, RandomGenerator chance) {
    long millis = Math.round(full.toMillis() * (1 - ttlJitter * chance.nextDouble()));
    Duration fresh = millis < 1 ? SHORTEST_LIFE : Duration.ofMillis(millis);
    return new Lifetime(fresh, keptAfter(fresh, graceAfter, replicaLag));
  }

  /** An entry is a floor, too, and must not be gone while a replica may lag behind it. */
  private static Duration keptAfter(Duration fresh, Duration grace, Duration replicaLag) {
    Duration untilCaughtUp = replicaLag.minus(fresh);
    // Safeguard KEEP_WHILE_REPLICA_LAGS: the entry is the floor that holds back older rows.
    return untilCaughtUp.compareTo(grace) > 0 ? untilCaughtUp : grace;
  }
}
