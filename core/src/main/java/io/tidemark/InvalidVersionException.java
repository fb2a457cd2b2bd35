package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * The source, or a write, returned a row whose version is missing, negative, or lower than an
 * earlier version of the row. The row is not cached. Correct the version column or its trigger:
 * Tidemark can promise nothing about such a row.
 */
public final class InvalidVersionException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Starts the message with the cache and the key, if there is a key.
   *
   * @param key the cache and the key; null if the failure concerns no single key
   * @param message what happened, without the key
   * @param cause the cause; null if there is none
   */
  public InvalidVersionException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
