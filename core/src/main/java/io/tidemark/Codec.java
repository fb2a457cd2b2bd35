package io.tidemark;

/**
 * Converts values to bytes and back. Thread-safe.
 *
 * <p>Callers of a cache get what {@link #decode} returns, on a miss as on a hit, never the object
 * that the source or a writer gave. So the cache decodes each value once when it is loaded or
 * written, and does not cache a value that cannot be read back; {@link CacheBuilder#onUncacheable}
 * says what its readers get.
 *
 * <p>A codec should not block. If it hangs, a load is given up at {@link CacheBuilder#maxLoadTime},
 * but a caller that decodes or writes on its own thread is blocked.
 *
 * <p>Equal values should have equal bytes: two writes of the same version with different bytes are
 * a tie, and a tie costs a reload.
 *
 * <p>If a codec throws, the cache logs and explains the class of the exception, and its message
 * only if it is a {@link BadValueException}: other messages may quote the value.
 *
 * @param <V> the type of the values
 */
public interface Codec<V> {

  /**
   * Encodes a value.
   *
   * @return the bytes; nobody may change them afterwards
   * @throws Exception if the value cannot be encoded; it is then not cached
   */
  byte[] encode(V value) throws Exception;

  /**
   * Decodes what {@link #encode} returned, perhaps in another release of the program.
   *
   * @param bytes shared with no other call: the value may keep them
   * @throws Exception if the bytes cannot be decoded; the entry is then loaded again
   */
  V decode(byte[] bytes) throws Exception;

  /**
   * Whether values are immutable. If so, the callers of one load share an object; otherwise each
   * gets an object of its own, by one more {@link #decode}. Default: false.
   */
  default boolean valuesAreImmutable() {
    return false;
  }
}
