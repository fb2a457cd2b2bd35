package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A value cannot be encoded and read back, or is larger than the cache's limit, and {@link
 * UncacheablePolicy#FAIL} says to throw. It is not cached.
 */
public final class CodecException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public CodecException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
