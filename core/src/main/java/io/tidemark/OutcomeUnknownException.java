package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A request was sent and its answer was lost: it was carried out, or not, or will be a little
 * later. Read the state, or repeat what is safe to repeat.
 */
public final class OutcomeUnknownException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public OutcomeUnknownException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
