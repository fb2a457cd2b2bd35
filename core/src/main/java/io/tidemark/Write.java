package io.tidemark;

/**
 * The work that {@link VersionedCache#update} runs while it holds the key: usually one database
 * transaction, committed when it returns, or a part of the caller's.
 *
 * @param <V> the type of the value
 * @param <X> the exception that it may throw
 */
@FunctionalInterface
public interface Write<V, X extends Exception> {

  /**
   * Writes to the source.
   *
   * @return the row as it is after the commit, with the version that the source gave it; {@link
   *     Row#absent()} or {@link Row#deleted} after a deletion; never null
   * @throws X if nothing was committed; a write that throws after its commit costs a reload and
   *     never leaves a wrong value
   */
  Row<V> run() throws X;
}
