package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * The call's time passed before there was an answer. A load that is under way goes on, and fills
 * the cache for later callers.
 */
public final class DeadlineExceededException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public DeadlineExceededException(
      @Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
