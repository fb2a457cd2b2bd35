package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * The call is not safe in the transaction that its thread is in: it would publish what may yet be
 * rolled back, write outside of the transaction, or wait for the transaction itself. Nothing was
 * done. The message says what to set up, or what to call instead.
 */
public final class UnsafeInTransactionException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Starts the message with the cache and the key, if there is a key.
   *
   * @param key the cache and the key; null if the failure concerns no single key
   * @param message what happened, without the key
   * @param cause the cause; null if there is none
   */
  public UnsafeInTransactionException(
      @Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
