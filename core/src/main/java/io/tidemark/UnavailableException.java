package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A server was not reached, or did not answer in time, and nothing was done: try again later. Also
 * thrown where a limit of the cache keeps a caller from waiting longer. {@link RefusedException} is
 * the kind of it that no second try can mend.
 */
public sealed class UnavailableException extends TidemarkException permits RefusedException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public UnavailableException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
