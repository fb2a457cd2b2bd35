package io.tidemark;

import io.tidemark.spi.Finding;
import java.util.List;
import java.util.Optional;

/**
 * The system of record, usually a database. Thread-safe: several threads call it at once, usually
 * one per key and process. {@link BulkSource} also reads many rows in one call.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface Source<K, V> {

  /**
   * Reads one row, and its version in the same read. The read must begin after this call: an answer
   * from a cache, or from a transaction that is already open, breaks the promises of the cache.
   *
   * <p>Runs on a thread of the cache and may block, but not for ever: after {@link
   * CacheBuilder#maxLoadTime} the cache interrupts it and nobody waits for it, but it keeps its
   * thread. Closing the cache interrupts it too. It may read other keys of the same cache, but not
   * the same key.
   *
   * @return the row, or {@link Row#absent()} if there is none; never null
   * @throws Exception if the row cannot be read; every caller that waits gets a {@link
   *     LoadFailedException} with it as the cause, and nothing is cached
   */
  Row<V> load(K key) throws Exception;

  /**
   * Checks the set-up of the source, for {@link VersionedCache#check}. May block. Does not throw if
   * the source is unavailable or gives no answer: that is a finding too. A source that wraps
   * another one includes the findings of that one.
   */
  default List<Finding> check() {
    return List.of();
  }

  /**
   * What keeps loads of this process from reading at the moment, such as a pool without a free
   * connection. It ends a sentence in the message of a call that exceeded its deadline. Does not
   * block.
   */
  default Optional<String> obstacle() {
    return Optional.empty();
  }
}
