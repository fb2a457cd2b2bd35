package io.tidemark;

/**
 * Turns values into bytes and back. Thread-safe.
 *
 * <p>Equal values should give equal bytes: two writes of the same version with different bytes
 * count as a tie, and a tie costs a reload.
 *
 * @param <V> the type of the values
 */
public interface Codec<V> {

  /**
   * Encodes a value.
   *
   * @throws Exception if it has no encoding; nothing is cached then
   */
  byte[] encode(V value) throws Exception;

  /**
   * Decodes what {@link #encode} made, perhaps in another version of the program.
   *
   * @param bytes not to be changed
   * @throws Exception if the bytes are not understood; the entry is then loaded again
   */
  V decode(byte[] bytes) throws Exception;
}
