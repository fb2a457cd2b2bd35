package io.tidemark;

import io.tidemark.spi.SlotKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of Tidemark's exceptions. Each subclass stands for one thing that a caller can do.
 * Invalid arguments throw {@link IllegalArgumentException} or {@link NullPointerException} instead,
 * and a write that returns null the latter. Messages name the cache and the key, never a value;
 * foreign text in them is escaped, so that a key cannot forge a line of a log.
 */
public abstract class TidemarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final @Nullable SlotKey key;

  TidemarkException(@Nullable SlotKey key, String message, @Nullable Throwable cause) {
    super(key == null ? message : key + ": " + message, cause);
    this.key = key;
  }

  /** The message without the cache and the key at its start. */
  public String withoutKey() {
    String message = String.valueOf(getMessage());
    return key == null ? message : message.substring(key.toString().length() + 2);
  }

  /** The cache and the encoded key; empty if the failure concerns no single key. */
  public Optional<SlotKey> key() {
    return Optional.ofNullable(key);
  }
}
