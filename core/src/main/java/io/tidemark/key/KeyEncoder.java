package io.tidemark.key;

import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives keys their texts, by which every process knows a key's slot and its lock. Thread-safe.
 *
 * <p>The text must be one-to-one: keys that are not equal have different texts, or one is served
 * the other's row; equal keys have the same text, in every process and in every release of the
 * program, or a write does not reach all who read. Text that joins parts must escape what separates
 * them: {@link #ofFields} and {@link #of} do.
 *
 * <p>Ready encoders, and a cache without one, know the texts of these <em>simple</em> types:
 *
 * <table>
 *   <caption>Simple types</caption>
 *   <tr><th>type</th><th>text</th></tr>
 *   <tr><td>{@code String}, {@code Character}</td><td>itself</td></tr>
 *   <tr><td>{@code Long}, {@code Integer}, {@code Short}, {@code Byte}, {@code BigInteger}</td>
 *   <td>decimal digits</td></tr>
 *   <tr><td>{@code BigDecimal}</td>
 *   <td>{@code toString}; 1.0 and 1.00 are not equal, and two texts</td></tr>
 *   <tr><td>{@code Double}, {@code Float}</td>
 *   <td>{@code toHexString}, as the decimal one is not the same in all releases of Java</td></tr>
 *   <tr><td>{@code Boolean}, {@code UUID}, {@code Currency}</td><td>{@code toString}</td></tr>
 *   <tr><td>{@code Instant}, {@code LocalDate}, {@code LocalTime}, {@code LocalDateTime}, {@code
 *   OffsetDateTime}, {@code OffsetTime}, {@code Year}, {@code YearMonth}, {@code MonthDay}, {@code
 *   Duration}, {@code Period}, {@code ZoneOffset}</td><td>{@code toString}, as ISO 8601 has it</td>
 *   </tr>
 *   <tr><td>enums</td><td>the constant's name</td></tr>
 * </table>
 *
 * <p>No other type has a text by itself: {@code toString} of most loses something, of some it
 * depends on the process, and arrays are equal to themselves only.
 *
 * @param <K> the type of the keys
 */
@FunctionalInterface
public interface KeyEncoder<K> {

  /**
   * The text of a key.
   *
   * @return any well-formed text of at most {@value SlotKey#MAX_KEY_CHARS} characters
   * @throws IllegalArgumentException if the key has none
   */
  String encode(K key);

  /**
   * Encodes keys of one of the simple types, all of the class of the first: what a cache does
   * without an encoder.
   */
  static <K> KeyEncoder<K> simple() {
    OneClassEncoder encoder = new OneClassEncoder("it", KeyTypes::simpleEncoder);
    return encoder::encode;
  }

  /**
   * Encodes keys of one class: a simple type, or a record whose components are of simple types or
   * of such records. The text of a record is that of its fields, as {@link #ofFields} has it, so
   * that components may be renamed, but not moved.
   *
   * @throws IllegalArgumentException if the type is neither; it names the component. Also for a
   *     record that has an {@code equals} of its own, or that Tidemark's module may not look into
   */
  static <K> KeyEncoder<K> of(Class<K> type) {
    // Of a primitive type, the keys are objects all the same.
    Class<?> objects = KeyTypes.boxed(Objects.requireNonNull(type, "type"));
    KeyEncoder<Object> encoder = KeyTypes.encoder(objects);
    return key -> {
      Class<?> found = KeyTypes.typeOf(Objects.requireNonNull(key, "key"));
      if (found != objects) {
        throw new IllegalArgumentException(
            "it is a %s; the keyEncoder is for keys of %s"
                .formatted(found.getName(), objects.getName()));
      }
      return encoder.encode(key);
    };
  }

  /**
   * Encodes keys by some of their fields: all that their {@code equals} compares, in an order that
   * may never change. The fields' texts stand in a row with commas between them; {@code ~1} is a
   * comma in a text, {@code ~0} a tilde, and {@code ~} alone is null. A field is of a simple type
   * or a record, as {@link #of} knows them, and of the same class in all keys.
   *
   * @param fields each gives a field of a key, or null where it has none: {@code
   *     KeyEncoder.ofFields(CartKey::tenant, CartKey::user)}
   * @throws IllegalArgumentException if there is no field
   */
  @SafeVarargs
  static <K> KeyEncoder<K> ofFields(Function<? super K, ? extends @Nullable Object>... fields) {
    if (fields.length == 0) {
      throw new IllegalArgumentException("fields is empty; a key must have at least one");
    }
    List<Function<K, @Nullable String>> texts = new ArrayList<>();
    for (Function<? super K, ? extends @Nullable Object> field : fields) {
      String subject = "field " + (texts.size() + 1);
      Objects.requireNonNull(field, subject);
      OneClassEncoder encoder =
          new OneClassEncoder(subject, type -> KeyTypes.encoder(type, subject));
      texts.add(
          key -> {
            Object value = field.apply(key);
            return value == null ? null : encoder.encode(value);
          });
    }
    return new KeyFields<>(List.copyOf(texts));
  }
}
