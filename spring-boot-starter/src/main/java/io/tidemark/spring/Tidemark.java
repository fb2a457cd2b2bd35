package io.tidemark.spring;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spring.properties.CacheOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

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

  /** What was built, in the order of building. */
  private final List<Built> built = new CopyOnWriteArrayList<>();

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
   * @param keys the class of the keys. One that is not {@linkplain io.tidemark.key.KeyEncoder
   *     simple}, such as a record, needs a {@link CacheBuilder#keyEncoder}
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
    CacheBuilder<K, V> builder = VersionedCache.builder(name);
    builder.store(store).locks(locks).codec(codec);
    options.applyTo(builder, name);
    customizers.forEach(customizer -> customizer.customize(name, builder));
    return builder.onBuilt(cache -> built.add(new Built(cache, keys)));
  }

  /** The caches that were built, in the order of building. */
  public List<VersionedCache<?, ?>> caches() {
    List<VersionedCache<?, ?>> caches = new ArrayList<>();
    built.forEach(each -> caches.add(each.cache()));
    return caches;
  }

  /** The cache of a name with the class of its keys, if it was built; the last one, if several. */
  public Optional<Built> find(String name) {
    return built.stream()
        .filter(each -> each.cache().name().equals(name))
        .reduce((earlier, later) -> later);
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
   * @param keys the class of its keys
   */
  public record Built(VersionedCache<?, ?> cache, Class<?> keys) {}
}
