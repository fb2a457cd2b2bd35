package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * The source, or a write, gave a row whose version is missing, negative, or lower than one that the
 * row had before. Mend the column or its trigger: Tidemark can keep no promise about such a row. It
 * is not cached.
 */
public final class InvalidVersionException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public InvalidVersionException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
