package io.tidemark.engine;

import io.tidemark.key.KeyEncoder;
import io.tidemark.spi.SlotKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key as the source knows it, and the slot that holds its row.
 *
 * @param value what the source is asked for
 * @param <K> the type of the key
 */
record CacheKey<K>(K value, SlotKey slot) {

  /**
   * Finds a key's slot.
   *
   * @throws IllegalArgumentException if the key has no text, or one that breaks its rule
   */
  static <K> CacheKey<K> of(String cache, KeyEncoder<? super K> encoder, K key) {
    Objects.requireNonNull(key, "key");
    @Nullable String text;
    try {
      text = encoder.encode(key);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(withoutText(cache, reason(e)), e);
    }
    if (text == null) {
      throw new IllegalArgumentException(withoutText(cache, "the keyEncoder gave null"));
    }
    return new CacheKey<>(key, new SlotKey(cache, text));
  }

  /** What an encoder says of a key; the message of any other failure may quote it. */
  private static String reason(RuntimeException failure) {
    String message = failure instanceof IllegalArgumentException ? failure.getMessage() : null;
    return message == null ? "the keyEncoder threw " + failure.getClass().getName() : message;
  }

  private static String withoutText(String cache, String reason) {
    return "key of cache '%s' has no text: %s".formatted(cache, reason);
  }
}
