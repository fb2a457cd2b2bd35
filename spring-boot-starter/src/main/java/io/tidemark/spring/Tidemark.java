package io.tidemark.spring;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.key.KeyEncoder;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spring.properties.CacheOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the builders of an application's caches. A builder has the store, the locks, a codec,
 * the meters, and the options from the properties {@code tidemark.caches.<name>} and {@code
 * tidemark.defaults}; the application adds its source. Thread-safe.
 *
 * <pre>{@code
 * @Bean
 * VersionedCache<Long, Product> products(Tidemark tidemark, DataSource dataSource) {
 *   return tidemark.cache("products", Long.class, Product.class).source(...).build();
 * }
 * }</pre>
 *
 * <p>An option may be set once, in the properties or in code. The caches are closed with this bean,
 * unless they were before: after the beans that use it, and before the store and the locks.
 */
public final class Tidemark implements AutoCloseable {
  private final CacheOptions options;
  private final SlotStore store;
  private final LockProvider locks;
  private final List<CacheBuilderCustomizer> customizers;

  /** What was built, by name, in the order of building. Guarded by itself. */
  private final Map<String, Built> built = new LinkedHashMap<>();

  Tidemark(
      CacheOptions options,
      SlotStore store,
      LockProvider locks,
      List<CacheBuilderCustomizer> customizers) {
    this.options = options;
    this.store = store;
    this.locks = locks;
    this.customizers = List.copyOf(customizers);
  }

  /**
   * Starts a cache whose values are stored as JSON.
   *
   * @param name the cache's name, 1 to 64 of {@code A-Z a-z 0-9 . _ -}
   * @param keys the class of the keys. A record gets the encoder {@link KeyEncoder#of}, if it can;
   *     a class that is not {@linkplain KeyEncoder simple} needs an encoder of its own
   * @param values the class of the values, without type parameters
   * @throws IllegalArgumentException if the name is invalid, or the class of the values has type
   *     parameters
   */
  public <K, V> CacheBuilder<K, V> cache(String name, Class<K> keys, Class<V> values) {
    return cache(name, keys, JsonCodec.of(values));
  }

  /**
   * Starts a cache whose values are of a generic type and stored as JSON: {@code new
   * TypeReference<List<Product>>() {}}, with the {@code TypeReference} of Jackson 2.
   */
  public <K, V> CacheBuilder<K, V> cache(String name, Class<K> keys, TypeReference<V> values) {
    return cache(name, keys, JsonCodec.of(values));
  }

  /** Starts a cache with a codec of the application's own. */
  public <K, V> CacheBuilder<K, V> cache(String name, Class<K> keys, Codec<V> codec) {
    Objects.requireNonNull(keys, "keys");
    CacheBuilder<K, V> builder = builder(name, codec, keys);
    encoderOfRecord(keys).ifPresent(builder::keyEncoder);
    return builder;
  }

  /** Starts a cache with a codec and a key encoder of the application's own. */
  public <K, V> CacheBuilder<K, V> cache(String name, KeyEncoder<? super K> keys, Codec<V> codec) {
    CacheBuilder<K, V> builder = builder(name, codec, null);
    return builder.keyEncoder(keys);
  }

  private <K, V> CacheBuilder<K, V> builder(String name, Codec<V> codec, @Nullable Class<K> keys) {
    CacheBuilder<K, V> builder = VersionedCache.builder(name);
    builder.store(store).locks(locks).codec(codec);
    options.applyTo(builder, name);
    customizers.forEach(customizer -> customizer.customize(name, builder));
    return builder.onBuilt(cache -> add(new Built(cache, keys)));
  }

  private static <K> Optional<KeyEncoder<K>> encoderOfRecord(Class<K> keys) {
    try {
      return keys.isRecord() ? Optional.of(KeyEncoder.of(keys)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      // The application gives an encoder, or the first key is refused with the same words.
      return Optional.empty();
    }
  }

  private void add(Built cache) {
    boolean isFirst;
    synchronized (built) {
      isFirst = built.putIfAbsent(cache.cache().name(), cache) == null;
    }
    if (!isFirst) {
      cache.cache().close();
      throw new IllegalStateException(
          "cache '%s' is built already; an application has one cache of a name"
              .formatted(cache.cache().name()));
    }
  }

  /** The caches that were built, in the order of building. */
  public List<VersionedCache<?, ?>> caches() {
    List<VersionedCache<?, ?>> caches = new ArrayList<>();
    synchronized (built) {
      built.values().forEach(each -> caches.add(each.cache()));
    }
    return caches;
  }

  /** The cache of a name with the class of its keys, if it was built. */
  public Optional<Built> find(String name) {
    synchronized (built) {
      return Optional.ofNullable(built.get(name));
    }
  }

  /** The store of the caches. */
  public SlotStore store() {
    return store;
  }

  /** The locks of the caches. */
  public LockProvider locks() {
    return locks;
  }

  /** Closes the caches, the last one first. Idempotent. */
  @Override
  public void close() {
    List<VersionedCache<?, ?>> caches = caches();
    for (int i = caches.size() - 1; i >= 0; i--) {
      caches.get(i).close();
    }
  }

  /**
   * A cache that was built.
   *
   * @param cache the cache
   * @param keys the class of its keys, or null if it was built with an encoder instead
   */
  public record Built(VersionedCache<?, ?> cache, @Nullable Class<?> keys) {}
}
