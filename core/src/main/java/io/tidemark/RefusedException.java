package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A server or a part of this program is there and says no, and nothing was done: the server is
 * full, read-only, or does not let this user do it; the locks or the client were closed. To ask
 * again is of no use before somebody has changed that, so the cache does not: its policies decide
 * at once, as where a server is away.
 */
public final class RefusedException extends UnavailableException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what was refused, and by whom.
   *
   * @param key what it is about, if it is about one key
   * @param message what happened, without the key
   * @param cause what made it happen, if anything did
   */
  public RefusedException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
