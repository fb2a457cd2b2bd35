package io.tidemark.key;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Encodes values of one class, that of the first value: values of different classes may have the
 * same text, as the number 1 and the text "1" do. Thread-safe.
 */
final class OneClassEncoder implements KeyEncoder<Object> {
  private final String subject;
  private final Function<Class<?>, KeyEncoder<Object>> encoders;

  /** Null before the first value. */
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();

  private record Known(Class<?> type, KeyEncoder<Object> encoder) {}

  /**
   * Takes the class from the first value.
   *
   * @param subject what the values are, for messages
   * @param encoders returns the encoder of a class; throws {@link IllegalArgumentException} if
   *     there is none
   */
  OneClassEncoder(String subject, Function<Class<?>, KeyEncoder<Object>> encoders) {
    this.subject = subject;
    this.encoders = encoders;
  }

  @Override
  public String encode(Object value) {
    Class<?> type = KeyTypes.typeOf(value);
    Known first = known.get();
    if (first == null) {
      known.compareAndSet(null, new Known(type, encoders.apply(type)));
      return encode(value);
    }
    if (first.type() != type) {
      throw new IllegalArgumentException(
          "%s is a %s, but the first was a %s; all must be of one class, unless a keyEncoder tells them apart"
              .formatted(subject, type.getName(), first.type().getName()));
    }
    return first.encoder().encode(value);
  }
}
