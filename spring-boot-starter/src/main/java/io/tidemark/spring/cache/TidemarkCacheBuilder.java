package io.tidemark.spring.cache;

import io.tidemark.CacheBuilder;
import io.tidemark.VersionedCache;
import io.tidemark.key.KeyEncoder;
import io.tidemark.spring.Tidemark;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link TidemarkCache}. Its times and limits come from the properties {@code
 * tidemark.caches.<name>}, or from a {@link io.tidemark.spring.CacheBuilderCustomizer}. Each option
 * may be set once; a second setting throws {@link IllegalStateException}. Not thread-safe.
 *
 * @param <V> the type of the values
 */
public final class TidemarkCacheBuilder<V> {
  private final Tidemark tidemark;
  private final String name;
  private final CacheBuilder<NativeKey, V> builder;
  private final Class<?> type;
  private @Nullable ToLongFunction<? super V> version;
  private @Nullable KeyEncoder<Object> keyEncoder;
  private final Set<String> set = new HashSet<>();

  TidemarkCacheBuilder(
      Tidemark tidemark, String name, CacheBuilder<NativeKey, V> builder, Class<?> type) {
    this.tidemark = tidemark;
    this.name = name;
    this.builder = builder;
    this.type = type;
  }

  /**
   * Says the version of each value; see {@link Versioned#version}. Default: that of {@link
   * Versioned}, if the class that the cache was started with implements it; otherwise values have
   * none. A cache whose values get versions in a new release needs a new name: an entry of the old
   * release may be newer than a value that is put.
   */
  public TidemarkCacheBuilder<V> version(ToLongFunction<? super V> version) {
    once("version");
    this.version = Objects.requireNonNull(version, "version");
    return this;
  }

  /**
   * Gives each key its text, which must be one-to-one; see {@link KeyEncoder}. Default: knows
   * simple types, enums, records of such, lists, and Spring's {@code SimpleKey} of all of these;
   * keys of different classes, such as a {@code Long} and an {@code Integer}, are different.
   */
  public TidemarkCacheBuilder<V> keyEncoder(KeyEncoder<Object> keyEncoder) {
    once("keyEncoder");
    this.keyEncoder = Objects.requireNonNull(keyEncoder, "keyEncoder");
    return this;
  }

  /**
   * Refuses null as a value: {@code put} throws {@link IllegalArgumentException}, and so does a
   * load whose method returns null. Default: null is cached.
   */
  public TidemarkCacheBuilder<V> refuseNulls() {
    once("refuseNulls");
    return this;
  }

  /**
   * Builds the cache. {@link Tidemark} closes it.
   *
   * @throws IllegalArgumentException if options in the properties contradict each other
   * @throws IllegalStateException if a {@link io.tidemark.spring.CacheBuilderCustomizer} has set
   *     the source or the key encoder
   */
  public TidemarkCache build() {
    ValueRules values = new ValueRules(name, type, anyVersion(), !set.contains("refuseNulls"));
    MethodSource source = new MethodSource();
    @SuppressWarnings("unchecked") // The rules check the class, or the codec does.
    CacheBuilder<NativeKey, Object> any = (CacheBuilder<NativeKey, Object>) builder;
    VersionedCache<NativeKey, Object> cache =
        any.source(source).keyEncoder(NativeKey::text).build();
    KeyEncoder<Object> keys = keyEncoder == null ? new KeyTexts() : keyEncoder;
    return new TidemarkCache(cache, tidemark.store(), source, keys, values);
  }

  private @Nullable ToLongFunction<Object> anyVersion() {
    if (version == null) {
      return Versioned.class.isAssignableFrom(type) ? value -> ((Versioned) value).version() : null;
    }
    @SuppressWarnings("unchecked") // Only values of the cache's type are asked for theirs.
    ToLongFunction<Object> any = (ToLongFunction<Object>) version;
    return any;
  }

  private void once(String option) {
    if (!set.add(option)) {
      throw new IllegalStateException(option + " is set already; an option may be set once");
    }
  }
}
