package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of what Tidemark throws, beside {@link IllegalArgumentException} and {@link
 * NullPointerException} for arguments that break their rule, and for a write that returns null.
 * Each subclass is one thing that a caller can do about it. Messages name the cache and the key,
 * never a value; what is not ours in them is escaped, so that a key cannot forge a line of a log.
 */
public abstract class TidemarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final @Nullable SlotKey key;

  TidemarkException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key == null ? message : key + ": " + message, cause);
    this.key = key;
  }

  /** The message without the cache and the key that it begins with. */
  public String withoutKey() {
    String message = String.valueOf(getMessage());
    return key == null ? message : message.substring(key.toString().length() + 2);
  }

  /** The cache and the encoded key that it is about; empty where it is about none. */
  public Optional<SlotKey> key() {
    return Optional.ofNullable(key);
  }
}
