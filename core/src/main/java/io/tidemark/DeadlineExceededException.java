package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * The deadline of the call passed before there was an answer. A load under way continues and fills
 * the cache for later callers.
 */
public final class DeadlineExceededException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Starts the message with the cache and the key, if there is a key.
   *
   * @param key the cache and the key; null if the failure concerns no single key
   * @param message what happened, without the key
   * @param cause the cause; null if there is none
   */
  public DeadlineExceededException(
      @Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
