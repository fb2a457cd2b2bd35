package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of what Tidemark throws, beside {@link IllegalArgumentException} and {@link
 * NullPointerException} for arguments that break their rule. Each subclass is one thing that a
 * caller can do about it. Messages name the cache and the key, never a value.
 */
public abstract class TidemarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_KEY_CHARS_SHOWN = 200;

  private final @Nullable SlotKey key;

  TidemarkException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key == null ? message : shown(key) + ": " + message, cause);
    this.key = key;
  }

  /** The cache and the encoded key that it is about; empty where it is about none. */
  public Optional<SlotKey> key() {
    return Optional.ofNullable(key);
  }

  private static String shown(SlotKey key) {
    String text = key.toString();
    return text.length() <= MAX_KEY_CHARS_SHOWN
        ? text
        : text.substring(0, MAX_KEY_CHARS_SHOWN) + "… (" + key.key().length() + " characters)";
  }
}
