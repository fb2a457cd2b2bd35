package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A value cannot be encoded and read back, or exceeds the size limit of the cache, and the cache is
 * built with {@link UncacheablePolicy#FAIL}. The value is not cached. Where many rows are
 * published, it also stands for an {@link Error} that the codec threw for one of them.
 */
public final class CodecException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Starts the message with the cache and the key, if there is a key.
   *
   * @param key the cache and the key; null if the failure concerns no single key
   * @param message what happened, without the key
   * @param cause the cause; null if there is none
   */
  public CodecException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
