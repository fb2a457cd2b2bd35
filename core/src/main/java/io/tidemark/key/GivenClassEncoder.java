package io.tidemark.key;

import java.util.Objects;

/**
 * Encodes keys of one class, and refuses those of any other. Thread-safe.
 *
 * @param encoder encodes the keys of that class
 */
record GivenClassEncoder<K>(Class<?> type, KeyEncoder<Object> encoder) implements KeyEncoder<K> {
  @Override
  public String encode(K key) {
    Class<?> found = KeyTypes.typeOf(Objects.requireNonNull(key, "key"));
    if (found != type) {
      throw new IllegalArgumentException(
          "it is a %s; the keyEncoder is for keys of %s"
              .formatted(found.getName(), type.getName()));
    }
    return encoder.encode(key);
  }
}
