package io.tidemark;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The results of a read of many keys: each key has a result, or the reason why it has none. The
 * maps are in the order in which the keys were given. Immutable, except for the values;
 * thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class BulkReadResult<K, V> {
  private final String cache;
  private final Map<K, ReadResult<V>> results;
  private final Map<K, RuntimeException> failures;

  /**
   * Takes over what was read: maps that nobody changes afterwards.
   *
   * @param cache the name of the cache
   * @param results of the keys that were read
   * @param failures what the other keys failed with
   */
  public BulkReadResult(
      String cache, Map<K, ReadResult<V>> results, Map<K, RuntimeException> failures) {
    this.cache = cache;
    this.results = Collections.unmodifiableMap(results);
    this.failures = Collections.unmodifiableMap(failures);
  }

  /** The keys that were read. */
  public Map<K, ReadResult<V>> results() {
    return results;
  }

  /**
   * The keys that could not be read, with what {@link VersionedCache#read} would have thrown; where
   * that is an {@link Error}, with a {@link LoadFailedException} whose cause it is.
   */
  public Map<K, RuntimeException> failures() {
    return failures;
  }

  /**
   * The values of all keys; empty for a row that does not exist.
   *
   * @throws BulkReadException if a key could not be read
   */
  public Map<K, Optional<V>> values() {
    if (!failures.isEmpty()) {
      throw new BulkReadException(cache, results.size() + failures.size(), failures);
    }
    Map<K, Optional<V>> values = new LinkedHashMap<>(2 * results.size());
    for (Map.Entry<K, ReadResult<V>> result : results.entrySet()) {
      values.put(result.getKey(), result.getValue().value());
    }
    return Collections.unmodifiableMap(values);
  }

  /** Omits keys and values. */
  @Override
  public String toString() {
    return "BulkReadResult[cache=%s, results=%d, failures=%d]"
        .formatted(cache, results.size(), failures.size());
  }
}
