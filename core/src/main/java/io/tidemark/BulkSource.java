package io.tidemark;

import io.tidemark.spi.Finding;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A source that reads many rows in one call, such as in one statement of a database. The cache uses
 * it for calls with several keys, and {@link #load} for those with one. Thread-safe.
 *
 * <p>The cache knows it by its type: a source that wraps another one must implement this interface
 * too, or it is asked key by key.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public interface BulkSource<K, V> extends Source<K, V> {

  /**
   * Reads the rows of several keys. Each value is read together with its version, as in {@link
   * #load}; different rows may be of different moments. Every read must begin after this call: an
   * answer from a cache, or from a transaction that is already open, breaks the promises of the
   * cache.
   *
   * <p>Runs on a thread of the cache and may block, but not for ever: the rules of {@link #load}
   * apply to the call as a whole. It may read other keys from the cache, unless their rows are made
   * of those of {@code keys}: such a load would wait for this call, and this call for it, until the
   * deadline. A read of one of {@code keys} is refused.
   *
   * @param keys one key or more, without nulls and without equal ones; not modifiable. The cache
   *     limits their number
   * @return the rows by their keys. A key that is not in the map has no row: leaving it out is the
   *     same as {@link Row#absent()}. A key that is in the map must equal one of {@code keys}, and
   *     have a row. The call fails if the map is null, or if it has a null or a key that was not
   *     asked for: a key in another form, such as in upper case or padded with blanks, would
   *     otherwise pass for a row that does not exist. The map stays as it is from now on
   * @throws Exception if the row of any key cannot be read. The cache then reads the keys of this
   *     call one by one with {@link #load}, so that only those fail that cannot be read. If this or
   *     one of its causes is a {@link SQLTransientConnectionException}, a {@link
   *     SQLNonTransientConnectionException} or a {@link SQLRecoverableException}, they all fail
   *     with it instead: there was no connection, and each would wait for one again
   */
  Map<K, Row<V>> loadAll(Collection<K> keys) throws Exception;

  /**
   * Makes a bulk source of two functions.
   *
   * @param source loads one row; its {@link Source#check} and {@link Source#obstacle} are used
   * @param bulkLoad loads many
   */
  static <K, V> BulkSource<K, V> of(Source<K, V> source, BulkLoad<K, V> bulkLoad) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(bulkLoad, "bulkLoad");
    return new BulkSource<>() {
      @Override
      public Row<V> load(K key) throws Exception {
        return source.load(key);
      }

      @Override
      public Map<K, Row<V>> loadAll(Collection<K> keys) throws Exception {
        return bulkLoad.loadAll(keys);
      }

      @Override
      public List<Finding> check() {
        return source.check();
      }

      @Override
      public Optional<String> obstacle() {
        return source.obstacle();
      }
    };
  }

  /**
   * The function of {@link BulkSource#loadAll}, for a lambda.
   *
   * @param <K> the type of the keys
   * @param <V> the type of the values
   */
  @FunctionalInterface
  interface BulkLoad<K, V> {

    /** As {@link BulkSource#loadAll}. */
    Map<K, Row<V>> loadAll(Collection<K> keys) throws Exception;
  }
}
