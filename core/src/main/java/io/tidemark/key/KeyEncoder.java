package io.tidemark.key;

import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Encodes each key as a text, by which every process finds the key's slot and lock. Thread-safe.
 *
 * <p>The text must be one-to-one. Keys that are not equal must have different texts, or one is
 * served the other's row. Equal keys must have the same text, in every process and every release of
 * the program, or a write does not reach all readers. A text that joins parts must escape their
 * separator: {@link #ofFields} and {@link #of} do.
 *
 * <p>The encoders here, and a cache without one, know the texts of these <em>simple</em> types:
 *
 * <table>
 *   <caption>Simple types</caption>
 *   <tr><th>type</th><th>text</th></tr>
 *   <tr><td>{@code String}, {@code Character}</td><td>itself</td></tr>
 *   <tr><td>{@code Long}, {@code Integer}, {@code Short}, {@code Byte}, {@code BigInteger}</td>
 *   <td>decimal digits</td></tr>
 *   <tr><td>{@code BigDecimal}</td>
 *   <td>{@code toString}; 1.0 and 1.00 are not equal and have two texts</td></tr>
 *   <tr><td>{@code Double}, {@code Float}</td>
 *   <td>{@code toHexString}, because decimal text differs between releases of Java</td></tr>
 *   <tr><td>{@code Boolean}, {@code UUID}, {@code Currency}</td><td>{@code toString}</td></tr>
 *   <tr><td>{@code Instant}, {@code LocalDate}, {@code LocalTime}, {@code LocalDateTime}, {@code
 *   OffsetDateTime}, {@code OffsetTime}, {@code Year}, {@code YearMonth}, {@code MonthDay}, {@code
 *   Duration}, {@code Period}, {@code ZoneOffset}</td><td>{@code toString}, in ISO 8601</td>
 *   </tr>
 *   <tr><td>enums</td><td>the constant's name</td></tr>
 * </table>
 *
 * <p>No other type has a text of its own: {@code toString} loses something for most types, depends
 * on the process for some, and an array equals only itself.
 *
 * @param <K> the type of the keys
 */
@FunctionalInterface
public interface KeyEncoder<K> {

  /**
   * Encodes a key.
   *
   * @return any well-formed text of at most {@value SlotKey#MAX_KEY_CHARS} characters
   * @throws IllegalArgumentException if the key has no text
   */
  String encode(K key);

  /**
   * Encodes keys of one simple type, all of the class of the first key. A cache without an encoder
   * uses this one.
   */
  static <K> KeyEncoder<K> simple() {
    OneClassEncoder encoder = new OneClassEncoder("it", KeyTypes::simpleEncoder);
    return encoder::encode;
  }

  /**
   * Encodes keys of one class: a simple type, or a record whose components are of simple types or
   * of such records. A record has the text of its fields, as in {@link #ofFields}, so components
   * may be renamed, but not moved.
   *
   * @throws IllegalArgumentException if the type is neither; the message names the component. Also
   *     for a record that overrides {@code equals}, or that Tidemark's module may not access
   */
  static <K> KeyEncoder<K> of(Class<K> type) {
    // Keys of a primitive type are boxed.
    Class<?> objects = KeyTypes.boxed(Objects.requireNonNull(type, "type"));
    return new GivenClassEncoder<>(objects, KeyTypes.encoder(objects));
  }

  /**
   * Encodes keys by the fields that their {@code equals} compares, in an order that must never
   * change. Joins the texts of the fields with commas; in a text, {@code ~1} stands for a comma and
   * {@code ~0} for a tilde, and {@code ~} alone is null. A field is of a simple type or a record,
   * as in {@link #of}, and of the same class in all keys.
   *
   * @param fields each returns a field of a key, or null if it has none: {@code
   *     KeyEncoder.ofFields(CartKey::tenant, CartKey::user)}
   * @throws IllegalArgumentException if there are no fields
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
