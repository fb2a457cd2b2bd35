package io.tidemark.spring.actuate;

import io.tidemark.CacheStats;
import io.tidemark.Explanation;
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
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.ConversionException;

/**
 * The endpoint {@code tidemark}: the caches with their counters, and {@code explain} for a key. It
 * never shows a value. Thread-safe.
 */
@Endpoint(id = "tidemark")
public final class TidemarkEndpoint {
  private final Tidemark tidemark;

  TidemarkEndpoint(Tidemark tidemark) {
    this.tidemark = tidemark;
  }

  /** The store, the locks, and all caches. */
  @ReadOperation
  public Caches caches() {
    Map<String, CacheStats> caches = new LinkedHashMap<>();
    tidemark.caches().forEach(cache -> caches.put(cache.name(), cache.stats()));
    return new Caches(tidemark.store().toString(), tidemark.locks().toString(), caches);
  }

  /** The counters of one cache; null, which is 404, if there is none of the name. */
  @ReadOperation
  public @Nullable CacheStats cache(@Selector String cache) {
    return tidemark.find(cache).map(built -> built.cache().stats()).orElse(null);
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
      throw refused("'%s' cannot be converted to a %s".formatted(text, type.getSimpleName()));
    }
    if (key == null) {
      throw refused("the key is empty");
    }
    @SuppressWarnings("unchecked") // Converted to the class of the cache's keys.
    VersionedCache<Object, ?> cache = (VersionedCache<Object, ?>) built.cache();
    Explanation<?> explanation = cache.explain(key);
    return new Explained(explanation.verdict(), explanation.toString().lines().toList());
  }

  private static InvalidEndpointRequestException refused(String reason) {
    return new InvalidEndpointRequestException("The key cannot be explained: " + reason, reason);
  }

  /**
   * All caches.
   *
   * @param store where the slots live
   * @param locks what decides who loads
   * @param caches the counters of each cache in this process, by its name
   */
  public record Caches(String store, String locks, Map<String, CacheStats> caches) {}

  /**
   * What there is to know about a key.
   *
   * @param verdict the summary
   * @param lines the slot, the source, the holder of the lock, and what this process did lately
   */
  public record Explained(String verdict, List<String> lines) {}
}
