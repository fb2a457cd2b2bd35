package io.tidemark;

/**
 * Turns values into bytes and back. Thread-safe.
 *
 * <p>Callers of a cache are given what {@link #decode} makes, never the object that the source or a
 * writer gave: on a miss as on a hit. So each value is decoded once when it is loaded or written,
 * and one that cannot be read back is not cached; {@link CacheBuilder#onUncacheable} says what its
 * readers get.
 *
 * <p>It should not block: where it hangs, a load is given up at {@link CacheBuilder#maxLoadTime},
 * and a caller whose own thread decodes or writes is held.
 *
 * <p>Equal values should give equal bytes: two writes of the same version with different bytes
 * count as a tie, and a tie costs a reload.
 *
 * <p>An exception's class is logged and explained, its message only if it is a {@link
 * BadValueException}: others may quote the value.
 *
 * @param <V> the type of the values
 */
public interface Codec<V> {

  /**
   * Encodes a value.
   *
   * @return bytes that nobody changes any more
   * @throws Exception if it has no encoding; it is not cached then
   */
  byte[] encode(V value) throws Exception;

  /**
   * Decodes what {@link #encode} made, perhaps in another version of the program.
   *
   * @param bytes for this call alone: the value may be made of them
   * @throws Exception if the bytes are not understood; the entry is then loaded again
   */
  V decode(byte[] bytes) throws Exception;

  /**
   * Whether nobody can change a value: then the callers of one load share it. Otherwise each is
   * given an object of its own, by one more {@link #decode}. Default: no.
   */
  default boolean valuesAreImmutable() {
    return false;
  }
}
