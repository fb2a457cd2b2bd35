package io.tidemark.spring.actuate;

import io.tidemark.CacheStats;
import io.tidemark.Explanation;
import io.tidemark.Rollout;
import io.tidemark.VersionedCache;
import io.tidemark.spring.Tidemark;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.ConversionException;

/**
 * The endpoint {@code tidemark}: the caches with their rollouts and counters, and {@code explain}
 * for a key. It never shows a value, and changes nothing but a rollout. Thread-safe.
 */
@Endpoint(id = "tidemark")
public final class TidemarkEndpoint {
  private static final String NOT_EXPLAINED = "The key cannot be explained: ";
  private static final String NOT_SWITCHED = "The cache cannot be switched: ";

  private final Tidemark tidemark;

  TidemarkEndpoint(Tidemark tidemark) {
    this.tidemark = tidemark;
  }

  /** The store, the locks, and all caches. */
  @ReadOperation
  public Caches caches() {
    Map<String, OneCache> caches = new LinkedHashMap<>();
    tidemark.caches().forEach(cache -> caches.put(cache.name(), OneCache.of(cache)));
    return new Caches(tidemark.store().toString(), tidemark.locks().toString(), caches);
  }

  /** One cache; null, which is 404, if there is none of the name. */
  @ReadOperation
  public @Nullable OneCache cache(@Selector String cache) {
    return tidemark.find(cache).map(built -> OneCache.of(built.cache())).orElse(null);
  }

  /**
   * Changes which keys are read by a cache in this process; see {@link VersionedCache#switchTo}.
   *
   * @param rollout on, bypass, or a percentage such as 25%
   * @return the cache
   */
  @WriteOperation
  public OneCache switchTo(@Selector String cache, String rollout) {
    Rollout next;
    try {
      next = Rollout.parse(rollout);
    } catch (IllegalArgumentException e) {
      throw refused(NOT_SWITCHED, String.valueOf(e.getMessage()));
    }
    VersionedCache<?, ?> switched =
        tidemark
            .find(cache)
            .orElseThrow(() -> refused(NOT_SWITCHED, "there is no cache '%s'".formatted(cache)))
            .cache();
    switched.switchTo(next);
    return OneCache.of(switched);
  }

  /**
   * Explains the answer for a key, which reads the source; null if there is no such cache.
   *
   * @param key the key as text. What is after a slash belongs to it
   */
  @ReadOperation
  public @Nullable Explained explain(
      @Selector String cache, @Selector(match = Selector.Match.ALL_REMAINING) String... key) {
    return tidemark.find(cache).map(built -> explain(built, String.join("/", key))).orElse(null);
  }

  private static Explained explain(Tidemark.Built built, String text) {
    Class<?> type = built.keys();
    Object key;
    try {
      key = ApplicationConversionService.getSharedInstance().convert(text, type);
    } catch (ConversionException e) {
      throw refused(
          NOT_EXPLAINED, "'%s' cannot be converted to a %s".formatted(text, type.getSimpleName()));
    }
    if (key == null) {
      throw refused(NOT_EXPLAINED, "the key is empty");
    }
    @SuppressWarnings("unchecked") // Converted to the class of the cache's keys.
    VersionedCache<Object, ?> cache = (VersionedCache<Object, ?>) built.cache();
    Explanation<?> explanation = cache.explain(key);
    return new Explained(explanation.verdict(), explanation.toString().lines().toList());
  }

  private static InvalidEndpointRequestException refused(String what, String reason) {
    return new InvalidEndpointRequestException(what + reason, reason);
  }

  /**
   * All caches.
   *
   * @param store where the slots live
   * @param locks what decides who loads
   * @param caches each cache in this process, by its name
   */
  public record Caches(String store, String locks, Map<String, OneCache> caches) {}

  /**
   * A cache in this process.
   *
   * @param rollout which keys it reads: on, bypass, or a percentage such as 25%
   * @param stats its counters
   */
  public record OneCache(String rollout, CacheStats stats) {
    static OneCache of(VersionedCache<?, ?> cache) {
      return new OneCache(cache.rollout().toString(), cache.stats());
    }
  }

  /**
   * What there is to know about a key.
   *
   * @param verdict the summary
   * @param lines the slot, the source, the holder of the lock, and what this process did lately
   */
  public record Explained(String verdict, List<String> lines) {}
}
