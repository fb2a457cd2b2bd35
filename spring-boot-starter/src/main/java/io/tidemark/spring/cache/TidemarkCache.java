package io.tidemark.spring.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.Codec;
import io.tidemark.LoadFailedException;
import io.tidemark.VersionedCache;
import io.tidemark.key.KeyEncoder;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spring.Tidemark;
import io.tidemark.spring.cache.MethodCall.Returned;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.support.AbstractValueAdaptingCache;
import org.springframework.cache.support.NullValue;

/**
 * A cache of Spring's whose entries are Tidemark's: for {@code @Cacheable(sync = true)},
 * {@code @CachePut} and {@code @CacheEvict}. Thread-safe.
 *
 * <p>A method with {@code @Cacheable(sync = true)} is called once per key in the whole fleet, on a
 * thread of the cache: outside of the caller's transaction, and without what is bound to the
 * caller's thread. Its callers get what the codec makes of its result. It must read where writers
 * commit.
 *
 * <p>An entry is stored by such a load only. A value that is {@link #put} is published if values
 * have a {@linkplain TidemarkCacheBuilder#version version}: it replaces an older entry, and leaves
 * a newer one. Where there is no entry, or values have no version, a load under way could be older
 * than the value or newer, so the entry is dropped and the next reader loads. Therefore
 * {@code @Cacheable} without {@code sync = true} stores nothing; it is logged once.
 *
 * <p>In a transaction that the caller has begun, what {@code put}, {@code evict} and {@code clear}
 * do is done after its end, as {@link VersionedCache#update} says, also by {@link #evictIfPresent}
 * and {@link #invalidate}; and a read of a key that the transaction has put or evicted throws
 * {@link io.tidemark.UnsafeInTransactionException} if it is cached.
 *
 * <p>Null is cached for {@link io.tidemark.CacheBuilder#negativeTtl}. A null key throws {@link
 * NullPointerException}, a key without a text {@link IllegalArgumentException}, and the cache what
 * {@link VersionedCache} names, all of which go to Spring's {@code CacheErrorHandler}.
 */
public final class TidemarkCache extends AbstractValueAdaptingCache {
  private static final Logger LOG = LoggerFactory.getLogger(TidemarkCache.class);

  private final VersionedCache<NativeKey, Object> cache;
  private final SlotStore store;
  private final MethodSource source;
  private final KeyEncoder<Object> keys;
  private final ValueRules values;
  private final AtomicBoolean toldOfMiss = new AtomicBoolean();
  private final AtomicBoolean toldOfPut = new AtomicBoolean();

  TidemarkCache(
      VersionedCache<NativeKey, Object> cache,
      SlotStore store,
      MethodSource source,
      KeyEncoder<Object> keys,
      ValueRules values) {
    super(values.nulls());
    this.cache = cache;
    this.store = store;
    this.source = source;
    this.keys = keys;
    this.values = values;
  }

  /**
   * Starts a cache whose values are stored as JSON.
   *
   * @param name the name in {@code @Cacheable}, and of the properties {@code
   *     tidemark.caches.<name>}
   * @param values the class of the values, without type parameters. If it is {@link Versioned}, the
   *     values have versions
   */
  public static <V> TidemarkCacheBuilder<V> builder(
      Tidemark tidemark, String name, Class<V> values) {
    return new TidemarkCacheBuilder<>(
        tidemark, name, tidemark.cache(name, NativeKey.class, values), values);
  }

  /** Starts a cache whose values are of a generic type and stored as JSON. */
  public static <V> TidemarkCacheBuilder<V> builder(
      Tidemark tidemark, String name, TypeReference<V> values) {
    return new TidemarkCacheBuilder<>(
        tidemark, name, tidemark.cache(name, NativeKey.class, values), Object.class);
  }

  /** Starts a cache with a codec of the application's own. */
  public static <V> TidemarkCacheBuilder<V> builder(
      Tidemark tidemark, String name, Codec<V> codec) {
    return new TidemarkCacheBuilder<>(
        tidemark, name, tidemark.cache(name, NativeKey.class, codec), Object.class);
  }

  @Override
  public String getName() {
    return cache.name();
  }

  /** The cache underneath. Its source is the methods that are being called at that moment. */
  @Override
  public VersionedCache<NativeKey, Object> getNativeCache() {
    return cache;
  }

  /** Looks without loading: one round trip, two if there is an entry. */
  @Override
  protected @Nullable Object lookup(Object key) {
    String text = text(key);
    if (!isCached(text)) {
      tellOfMiss();
      return null;
    }
    try {
      return stored(cache.read(new NativeKey(text)).value().orElse(null));
    } catch (LoadFailedException e) {
      // The entry is gone since.
      return missing(e);
    }
  }

  /**
   * Reads the entry, or lets one caller in the fleet load it. Blocks for the deadline at most; if
   * reads without a loader are in its way, for up to three, and then calls the loader itself and
   * stores nothing.
   *
   * @throws ValueRetrievalException if the loader threw, or that of another caller which loads for
   *     this one too
   */
  @Override
  public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
    String text = text(key);
    MethodCall call = new MethodCall(Objects.requireNonNull(valueLoader, "valueLoader"), values);
    source.enter(text, call);
    try {
      @SuppressWarnings("unchecked") // Of the loader's type, as far as the cache can know.
      T value = (T) load(new NativeKey(text, call), call);
      return value;
    } catch (LoadFailedException e) {
      throw e.getCause() == null ? e : new ValueRetrievalException(key, valueLoader, e.getCause());
    } finally {
      source.leave(text, call);
    }
  }

  private @Nullable Object load(NativeKey key, MethodCall call) {
    for (int looks = 1; ; looks++) {
      try {
        return call.valueFor(cache.read(key));
      } catch (LoadFailedException e) {
        Returned returned = call.returned();
        if (returned != null && MethodSource.hadNoCall(e)) {
          return returned.value();
        }
        if (looks < MethodCall.MAX_LOOKS && MethodSource.hadNoCall(e)) {
          continue;
        }
        if (!MethodSource.hadNoCall(e) || !call.begin()) {
          throw e;
        }
        return runHere(key, call);
      }
    }
  }

  private @Nullable Object runHere(NativeKey key, MethodCall call) {
    try {
      call.run();
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new LoadFailedException(new SlotKey(getName(), key.text()), "the method failed", e);
    }
    return Objects.requireNonNull(call.returned(), "returned").value();
  }

  /**
   * Looks like {@link #get(Object)}, without blocking. A miss costs as much as a load: prefer
   * {@code sync = true}.
   *
   * @return a future of the value in its wrapper, or of null if there is no entry
   */
  @Override
  public CompletableFuture<?> retrieve(Object key) {
    return cache
        .readAsync(new NativeKey(text(key)))
        .handle(
            (read, failure) ->
                failure == null
                    ? toValueWrapper(stored(read.value().orElse(null)))
                    : toValueWrapper(missing(failure)));
  }

  /**
   * Reads like {@link #get(Object, Callable)}, without blocking. The loader is called on a thread
   * of the cache, which waits for its future.
   *
   * @return a future that fails with what the future of the loader failed with
   */
  @Override
  public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> valueLoader) {
    Objects.requireNonNull(valueLoader, "valueLoader");
    return new AsyncGet<>(cache, source, text(key), values, valueLoader).start();
  }

  /**
   * Publishes a value with its version, which stores it unless there is no entry or a newer one.
   * Without a version, or if it is null, drops the entry. Blocks. If the store does not answer, the
   * cache goes on in the background, as {@link io.tidemark.WriteOutcome#UNKNOWN} says.
   *
   * @throws IllegalArgumentException if the cache does not hold such values
   * @throws io.tidemark.InvalidVersionException if the version is negative; the entry is dropped
   */
  @Override
  public void put(Object key, @Nullable Object value) {
    NativeKey nativeKey = new NativeKey(text(key));
    var row = values.row(value);
    if (values.version() != null && value != null) {
      cache.publish(nativeKey, row);
      return;
    }
    if (values.version() == null && toldOfPut.compareAndSet(false, true)) {
      LOG.warn(
          "{}: a value that is put drops the entry, because values of this cache have no version;"
              + " the next @Cacheable(sync = true) loads. To publish it, let its class implement"
              + " Versioned, or set version. This is logged once",
          getName());
    }
    cache.invalidate(nativeKey);
  }

  /** Drops the entry; a load under way in any process cannot store what it read before. Blocks. */
  @Override
  public void evict(Object key) {
    cache.invalidate(new NativeKey(text(key)));
  }

  /**
   * Drops the entry as {@link #evict} does. It is invisible when the call returns; in a
   * transaction, when that has ended.
   *
   * @return whether there was an entry before
   */
  @Override
  public boolean evictIfPresent(Object key) {
    String text = text(key);
    boolean present = isCached(text);
    cache.invalidate(new NativeKey(text));
    return present;
  }

  /** Removes every entry. Takes time with their number. Blocks. */
  @Override
  public void clear() {
    cache.clear();
  }

  /**
   * Removes every entry as {@link #clear} does. They are invisible when the call returns; in a
   * transaction, when that has ended.
   *
   * @return whether there were entries; false in a transaction
   */
  @Override
  public boolean invalidate() {
    return cache.clear() > 0;
  }

  private boolean isCached(String text) {
    return store.read(new SlotKey(getName(), text)).isHit();
  }

  private String text(Object key) {
    Objects.requireNonNull(key, "key");
    try {
      return keys.encode(key);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "key of cache '%s' has no text: %s".formatted(getName(), e.getMessage()), e);
    }
  }

  /** A cache that refuses nulls takes an absence for no entry. */
  private @Nullable Object stored(@Nullable Object value) {
    return value == null && isAllowNullValues() ? NullValue.INSTANCE : value;
  }

  /** Nothing, if there was nothing to load with; otherwise throws the failure. */
  private @Nullable Object missing(Throwable failure) {
    if (MethodSource.hadNoCall(failure)) {
      tellOfMiss();
      return null;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    throw failure instanceof RuntimeException e ? e : new CompletionException(failure);
  }

  private void tellOfMiss() {
    if (toldOfMiss.compareAndSet(false, true)) {
      LOG.warn(
          "{}: there was no entry, and none will come of a value that is put now: only"
              + " @Cacheable(sync = true), or get with a loader, stores values. This is logged once",
          getName());
    }
  }
}
