package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A server could not be reached or did not answer in time, and nothing was done: try again later.
 * Also thrown when a limit of the cache keeps a caller from waiting longer. A retry does not help
 * if it is a {@link RefusedException}.
 */
public sealed class UnavailableException extends TidemarkException permits RefusedException {
  private static final long serialVersionUID = 1L;

  /**
   * Starts the message with the cache and the key, if there is a key.
   *
   * @param key the cache and the key; null if the failure concerns no single key
   * @param message what happened, without the key
   * @param cause the cause; null if there is none
   */
  public UnavailableException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
