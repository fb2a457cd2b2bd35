package io.tidemark.spring.failure;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Has refusals name the property that was refused. */
public final class PropertyRules {
  private PropertyRules() {}

  /**
   * Uses a value, if it is set.
   *
   * @throws InvalidConfigurationPropertyValueException with the property, the value and the rule if
   *     the use refuses it with an {@link IllegalArgumentException}
   */
  public static <T> void use(String property, @Nullable T value, Consumer<T> use) {
    if (value != null) {
      Object unused =
          make(
              property,
              value,
              given -> {
                use.accept(given);
                return given;
              });
    }
  }

  /** Uses a value likewise, and returns what is made of it. */
  public static <T, R> R make(String property, T value, Function<T, R> use) {
    try {
      return use.apply(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationPropertyValueException(
          property, value, String.valueOf(e.getMessage()));
    }
  }
}
