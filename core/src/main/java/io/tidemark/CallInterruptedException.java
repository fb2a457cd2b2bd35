package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * The calling thread was interrupted while it waited; its interrupt flag is set again. A load under
 * way goes on for the other callers.
 */
public final class CallInterruptedException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public CallInterruptedException(
      @Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
