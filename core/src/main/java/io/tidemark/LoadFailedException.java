package io.tidemark;

import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * The source threw, and its exception is the cause; or the source did not answer within {@link
 * CacheBuilder#maxLoadTime}, and the load was given up. Nothing was cached. In a read of many keys,
 * it also stands for an {@link Error} that was thrown for one of them, by whatever part.
 */
public final class LoadFailedException extends TidemarkException {
  private static final long serialVersionUID = 1L;

  /**
   * Starts the message with the cache and the key, if there is a key.
   *
   * @param key the cache and the key; null if the failure concerns no single key
   * @param message what happened, without the key
   * @param cause the cause; null if there is none
   */
  public LoadFailedException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key, message, cause);
  }
}
