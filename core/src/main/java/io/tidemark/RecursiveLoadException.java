package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A load or a write of a key asked the same cache for the same key, on the same thread. It would
 * wait for itself.
 */
public final class RecursiveLoadException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public RecursiveLoadException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
