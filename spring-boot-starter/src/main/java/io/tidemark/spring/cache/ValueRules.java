package io.tidemark.spring.cache;

import io.tidemark.Row;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a cache are, and what their rows. Immutable; thread-safe.
 *
 * @param cache the cache's name
 * @param type the class of the values, {@code Object} if it is not known
 * @param version says the version of a value; null if values have none
 * @param nulls whether null is a value
 */
record ValueRules(
    String cache, Class<?> type, @Nullable ToLongFunction<Object> version, boolean nulls) {

  /**
   * All rows of a cache whose values have no version have this one. Equal versions prove no order,
   * so no such row ever replaces another: an entry is filled after a miss, and dropped.
   */
  private static final long NO_VERSION = 0;

  /**
   * The row of a value; an absence for null.
   *
   * @throws IllegalArgumentException if the cache does not hold such values
   */
  Row<Object> row(@Nullable Object value) {
    if (value == null) {
      checkNull();
      return Row.absent();
    }
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "%s: the value is a %s; the cache holds %s"
              .formatted(cache, value.getClass().getName(), type.getName()));
    }
    return Row.present(value, version == null ? NO_VERSION : version.applyAsLong(value));
  }

  private void checkNull() {
    if (!nulls) {
      throw new IllegalArgumentException(
          "%s: the value is null; the cache was built with refuseNulls()".formatted(cache));
    }
  }
}
