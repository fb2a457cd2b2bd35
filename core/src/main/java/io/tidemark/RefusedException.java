package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * A server, or a part of this program, refused the request, and nothing was done: the server is
 * full, is read-only, or does not permit this user to do it; or the locks or the client were
 * closed. A retry cannot succeed until somebody changes that, so the cache does not retry: its
 * policies decide at once, as for a server that is unavailable.
 */
public final class RefusedException extends UnavailableException {
  private static final long serialVersionUID = 1L;

  /**
   * Starts the message with the cache and the key, if there is a key.
   *
   * @param key the cache and the key; null if the failure concerns no single key
   * @param message what happened, without the key
   * @param cause the cause; null if there is none
   */
  public RefusedException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
