package io.tidemark.engine;

import io.tidemark.Codec;
import io.tidemark.LoadProfile;
import io.tidemark.RefreshAhead;
import io.tidemark.Rollout;
import io.tidemark.Source;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a cache was built with, complete and checked, in groups that {@link
 * io.tidemark.CacheBuilder} and the table of options in {@code docs/options.md} share. Immutable.
 *
 * @param terms what a call is made with, unless its {@link io.tidemark.CallOptions} say otherwise
 * @param rollout which keys are read by the cache at first
 * @param random null for the current thread's own
 */
public record Settings<K, V>(
    String name,
    Backends<K, V> backends,
    Lifetimes lifetimes,
    Terms terms,
    Waiting waiting,
    Fallbacks fallbacks,
    Limits limits,
    Optional<RefreshAhead> refreshAhead,
    Rollout rollout,
    Ticker ticker,
    @Nullable RandomGenerator random) {

  private static final SecureRandom BALLOTS = new SecureRandom();

  /** Refuses terms that the lifetimes do not allow. */
  public Settings {
    terms.checkFits(lifetimes.grace());
  }

  SlotStore store() {
    return backends.store();
  }

  LockProvider locks() {
    return backends.locks();
  }

  Source<K, V> source() {
    return backends.source();
  }

  Optional<Source<K, V>> replica() {
    return backends.replica();
  }

  /**
   * Whether a load may read the replica, if there is one; asked after its claim. A row of the
   * replica is compared with the slot's floor, which a failover of the store may have lost.
   */
  boolean mayReadReplica() {
    // Safeguard YOUNG_LINEAGE_SKIPS_REPLICA: the floor of what a replica lacks may be lost.
    return replica().isPresent() && !store().mayLackFloors(floorLife());
  }

  Codec<V> codec() {
    return backends.codec();
  }

  /** How long a floor lives; only a replica that lags needs it. */
  Duration floorLife() {
    return backends.replicaLag();
  }

  /** What the cache is, in a line for the log. */
  String summary() {
    LoadProfile profile = terms.profile();
    return ("cache %s: store %s, locks %s, ttl %s, negativeTtl %s, grace %s, claimLife %s,"
            + " deadline %s, rollout %s")
        .formatted(
            name,
            store(),
            locks(),
            lifetimes.ttl(),
            lifetimes.negativeTtl(),
            lifetimes.grace(),
            profile.claimLife(),
            profile.deadline(),
            rollout);
  }

  /** What keeps loads of this process from reading now, as the end of a message; or nothing. */
  @SuppressWarnings("CatchingUnchecked") // A source that cannot tell must not hide what is told.
  String obstacle() {
    try {
      return source()
          .obstacle()
          .or(() -> replica().flatMap(Source::obstacle))
          .map("; "::concat)
          .orElse("");
    } catch (Throwable t) {
      return "";
    }
  }

  /** The source of chance for the current thread. */
  RandomGenerator chance() {
    return random == null ? ThreadLocalRandom.current() : random;
  }

  /** The source of ballots, from which no two processes draw alike. */
  RandomGenerator ballots() {
    return random == null ? BALLOTS : random;
  }

  /**
   * A key with its slot.
   *
   * @throws IllegalArgumentException if the key has no text, or one that breaks its rule
   */
  CacheKey<K> cacheKey(K key) {
    return CacheKey.of(name, backends.keyEncoder(), key);
  }
}
