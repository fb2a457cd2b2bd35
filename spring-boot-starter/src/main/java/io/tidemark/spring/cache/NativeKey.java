package io.tidemark.spring.cache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key of the {@link io.tidemark.VersionedCache} below a {@link TidemarkCache}: the text of the
 * key of Spring's, such as {@code Long:42}. Keys with the same text are equal. Immutable;
 * thread-safe.
 */
public final class NativeKey {
  private final String text;
  private final @Nullable MethodCall call;

  /**
   * A key with no method call, for {@code invalidate} and {@code explain}. A read by it fails if
   * the key is not cached and no method is being called for it.
   */
  public NativeKey(String text) {
    this(text, null);
  }

  NativeKey(String text, @Nullable MethodCall call) {
    this.text = Objects.requireNonNull(text, "text");
    this.call = call;
  }

  /** The text. */
  public String text() {
    return text;
  }

  /** The call that reads by this key; null if it does not load. */
  @Nullable MethodCall call() {
    return call;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NativeKey key && key.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The text. */
  @Override
  public String toString() {
    return text;
  }
}
