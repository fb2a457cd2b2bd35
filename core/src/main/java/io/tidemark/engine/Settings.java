package io.tidemark.engine;

import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.LoadProfile;
import io.tidemark.RefreshAhead;
import io.tidemark.Source;
import io.tidemark.UncacheablePolicy;
import io.tidemark.WaitStrategy;
import io.tidemark.key.KeyEncoder;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a cache was built with, complete and checked. Each is explained at the option of the same
 * name in {@link CacheBuilder}.
 *
 * @param random null for the current thread's own
 */
public record Settings<K, V>(
    String name,
    Source<K, V> source,
    Optional<Source<K, V>> replica,
    SlotStore store,
    LockProvider locks,
    Codec<V> codec,
    KeyEncoder<? super K> keyEncoder,
    Duration ttl,
    Duration negativeTtl,
    double ttlJitter,
    Duration grace,
    Terms terms,
    WaitStrategy waitStrategy,
    Duration lockOutageWait,
    Duration failureTtl,
    UncacheablePolicy onUncacheable,
    Optional<RefreshAhead> refreshAhead,
    Duration repairTime,
    Duration replicaLag,
    int maxFallbackLoads,
    int maxFallbackQueue,
    int maxHungLoads,
    int maxValueBytes,
    Ticker ticker,
    @Nullable RandomGenerator random) {

  /** How long a floor lives: it is owed to a replica that lags, and to nobody else. */
  Duration floorLife() {
    return replicaLag;
  }

  /** What the cache is, in a line for the log. */
  String summary() {
    LoadProfile lock = terms.lock();
    return "cache %s: store %s, locks %s, ttl %s, negativeTtl %s, grace %s, claimLife %s, deadline %s"
        .formatted(name, store, locks, ttl, negativeTtl, grace, lock.claimLife(), lock.deadline());
  }

  /** What keeps loads of this process from reading now, as the end of a message; or nothing. */
  @SuppressWarnings("CatchingUnchecked") // A source that cannot tell must not hide what is told.
  String obstacle() {
    try {
      return source
          .obstacle()
          .or(() -> replica.flatMap(Source::obstacle))
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

  /**
   * The slot of a key.
   *
   * @throws IllegalArgumentException if the key has no text, or one that breaks its rule
   */
  SlotKey slotKey(K key) {
    Objects.requireNonNull(key, "key");
    return new SlotKey(name, text(key));
  }

  /** A key with its slot; throws likewise. */
  CacheKey<K> cacheKey(K key) {
    return new CacheKey<>(key, slotKey(key));
  }

  private String text(K key) {
    @Nullable String text;
    try {
      text = keyEncoder.encode(key);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(withoutText(reason(e)), e);
    }
    if (text == null) {
      throw new IllegalArgumentException(withoutText("the keyEncoder gave null"));
    }
    return text;
  }

  /** What an encoder says of a key; the message of any other failure may quote it. */
  private static String reason(RuntimeException failure) {
    String message = failure instanceof IllegalArgumentException ? failure.getMessage() : null;
    return message == null ? "the keyEncoder threw " + failure.getClass().getName() : message;
  }

  private String withoutText(String reason) {
    return "key of cache '%s' has no text: %s".formatted(name, reason);
  }
}
