package io.tidemark;

import io.tidemark.spi.Finding;
import java.util.List;
import java.util.Optional;

/**
 * The system of record, usually a database. Called by several threads at once, one per key and
 * process.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface Source<K, V> {

  /**
   * Reads one row, with the version that it has in the same read. The read must begin after this
   * call did: an answer from a cache, or from a transaction that is already open, breaks the
   * promises of the cache.
   *
   * <p>Runs on a thread of the cache and may block, but not for ever: after {@link
   * CacheBuilder#maxLoadTime} nobody waits for it, and it keeps that thread. The cache interrupts
   * it then, and when it is closed. It may read other keys of the same cache, not the same key.
   *
   * @return the row, or {@link Row#absent()} where there is none; never null
   * @throws Exception if the row cannot be read; every caller that waits gets a {@link
   *     LoadFailedException} with it as the cause, and nothing is cached
   */
  Row<V> load(K key) throws Exception;

  /**
   * Looks for what is wrong with the source's set-up; for when a program starts. May block. Does
   * not throw where the source is away or will not tell: that is a finding too. A source that
   * stands before another passes on what that one finds.
   */
  default List<Finding> check() {
    return List.of();
  }

  /**
   * What keeps loads of this process from reading at the moment, such as a pool without a free
   * connection, as the end of a sentence: for the message of a call that met its deadline. Does not
   * block.
   */
  default Optional<String> obstacle() {
    return Optional.empty();
  }
}
