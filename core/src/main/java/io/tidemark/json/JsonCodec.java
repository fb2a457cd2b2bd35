package io.tidemark.json;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.tidemark.BadValueException;
import io.tidemark.Codec;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Encodes values as JSON in UTF-8, with Jackson. Immutable and thread-safe.
 *
 * <p>A codec that is not given a mapper has one that
 *
 * <ul>
 *   <li>knows {@code java.time} and {@code Optional}, and finds the Jackson modules that are
 *       visible to the class loaders of the type and of this library, whichever thread creates it;
 *   <li>writes every property, null or not; writes times and durations as text, to the nanosecond,
 *       with their offset and zone; writes an empty {@code Optional} as null; reads numbers without
 *       a declared type as {@code Integer}, {@code Long}, {@code BigInteger} or {@code BigDecimal};
 *   <li>gives equal values equal bytes: it sorts properties, sets that have no order, and maps that
 *       are known to have none, such as a {@code HashMap} or {@code Map.of}. Any other map keeps
 *       its order, also a wrapper such as {@code Collections.unmodifiableMap}, so two that are
 *       equal in another order have different bytes;
 *   <li>reads what another release of the program wrote if it has every property that the class
 *       writes today. Unknown properties are ignored. A missing property is a miss, as is null for
 *       a primitive, for creators, setters and fields alike, and a property that would be read as
 *       another value. {@code #} and eight characters before the JSON identify the properties and
 *       types of a release's classes, so that entries of the same release need no such check,
 *       unless they hold objects of a class that only the entry names, as {@code Id.CLASS} does;
 *   <li>accepts only what it writes: no JSON without such a beginning, in another encoding, or with
 *       a byte-order mark or spaces around it;
 *   <li>accepts no text after the value, no name twice in an object, and no value of another type,
 *       such as {@code 1.9} for an {@code int}, {@code "1"} for a number, or a number for a time.
 * </ul>
 *
 * @param <V> the type of the values
 */
public final class JsonCodec<V> implements Codec<V> {
  /** Starts a mark; no JSON starts with it. */
  private static final char MARK = '#';

  private static final int MARK_CHARS = 1 + JsonCompleteness.FINGERPRINT_CHARS;

  /** The characters of URL-safe Base64. */
  private static final String MARK_ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private final ObjectWriter writer;
  private final ObjectReader reader;

  /** Reads entries with the mark of another release; null if entries have no marks. */
  private final @Nullable JsonOfOthers<V> others;

  /** Written before the JSON; empty with a mapper of the program's own. */
  private final byte[] mark;

  private final boolean immutable;

  private JsonCodec(
      ObjectWriter writer,
      ObjectReader reader,
      @Nullable JsonOfOthers<V> others,
      byte[] mark,
      boolean immutable) {
    this.writer = writer;
    this.reader = reader;
    this.others = others;
    this.mark = mark;
    this.immutable = immutable;
  }

  /**
   * A codec for a class without type parameters. For {@code List<Product>} and the like, use {@code
   * JsonCodec.of(new TypeReference<List<Product>>() {})}.
   *
   * @throws IllegalArgumentException if the class, or the element class of an array, has type
   *     parameters: objects in it would come back as {@code LinkedHashMap}
   * @throws IllegalStateException if Jackson is older than 2.17
   */
  public static <V> JsonCodec<V> of(Class<V> type) {
    checkSaysItsParameters(Objects.requireNonNull(type, "type"));
    return of(type, null);
  }

  /**
   * A codec for a generic type: {@code JsonCodec.of(new TypeReference<List<Product>>() {})}, with
   * Jackson's {@code TypeReference}. A wildcard or {@code Object} comes back as maps, lists, texts,
   * numbers and booleans.
   *
   * @throws IllegalStateException if Jackson is older than 2.17
   */
  public static <V> JsonCodec<V> of(TypeReference<V> type) {
    Objects.requireNonNull(type, "type");
    return of(type.getType(), type.getClass().getClassLoader());
  }

  /**
   * A codec that uses your own mapper, which must not be configured any further. Nothing is marked:
   * the mapper alone decides about values of other releases, text after a value and the like.
   */
  public static <V> JsonCodec<V> of(TypeReference<V> type, ObjectMapper mapper) {
    Objects.requireNonNull(type, "type");
    JavaType javaType = Objects.requireNonNull(mapper, "mapper").constructType(type);
    return new JsonCodec<>(
        mapper.writerFor(javaType), mapper.readerFor(javaType), null, new byte[0], false);
  }

  private static void checkSaysItsParameters(Class<?> type) {
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    if (element.getTypeParameters().length > 0) {
      throw new IllegalArgumentException(
          ("type is %s; a class with type parameters needs a TypeReference, or objects in it come back"
                  + " as LinkedHashMap: JsonCodec.of(new TypeReference<List<Product>>() {})")
              .formatted(type.getTypeName()));
    }
  }

  private static <V> JsonCodec<V> of(Type declared, @Nullable ClassLoader loader) {
    JacksonCheck.check();
    JsonMappers mappers =
        new JsonMappers(TypeFactory.defaultInstance().constructType(declared), loader);
    JsonCompleteness ofThisRelease = JsonCompleteness.ofThisRelease();
    ObjectMapper mapper = mappers.mapper(ofThisRelease);
    // The mapper constructs it, because its modules know more of types such as Optional.
    JavaType type = mapper.constructType(declared);
    ObjectReader reader = mapper.readerFor(type);
    ObjectWriter writer = mapper.writerFor(type);
    // By now, the reader has found the deserializers of all declared types.
    String mark = MARK + ofThisRelease.fingerprint(type);
    JsonCompleteness ofAnyRelease = JsonCompleteness.ofAnyRelease();
    JsonOfOthers<V> others =
        new JsonOfOthers<>(
            mappers.mapper(ofAnyRelease).readerFor(type),
            mapper.reader(),
            writer,
            ofAnyRelease,
            ofThisRelease);
    return new JsonCodec<>(writer, reader, others, mark.getBytes(US_ASCII), false);
  }

  /** The same codec for immutable values: the callers of one load share one object. */
  public JsonCodec<V> immutable() {
    return new JsonCodec<>(writer, reader, others, mark, true);
  }

  @Override
  public boolean valuesAreImmutable() {
    return immutable;
  }

  /**
   * Encodes a value.
   *
   * @throws BadValueException with the path and the reason if the value has no JSON
   */
  @Override
  public byte[] encode(V value) throws BadValueException {
    byte[] json;
    try {
      json = writer.writeValueAsBytes(value);
    } catch (IOException e) {
      throw JsonFailure.toBadValue(e);
    }
    if (mark.length == 0) {
      return json;
    }
    byte[] bytes = Arrays.copyOf(mark, mark.length + json.length);
    System.arraycopy(json, 0, bytes, mark.length, json.length);
    return bytes;
  }

  /**
   * Decodes a value.
   *
   * @throws BadValueException with the path and the reason if the bytes are not a value
   */
  @Override
  public V decode(byte[] bytes) throws BadValueException {
    try {
      if (others == null) {
        return reader.readValue(bytes);
      }
      checkForm(bytes);
      boolean isOurs = Arrays.equals(bytes, 0, MARK_CHARS, mark, 0, MARK_CHARS);
      if (isOurs && !others.mayBeMarkedAsOurs()) {
        V value = reader.readValue(bytes, MARK_CHARS, bytes.length - MARK_CHARS);
        if (!others.mayBeMarkedAsOurs()) {
          return value;
        }
      }
      return others.read(bytes, MARK_CHARS);
    } catch (IOException e) {
      throw JsonFailure.toBadValue(e);
    }
  }

  /** Refuses bytes that no release writes but Jackson would read. */
  private void checkForm(byte[] bytes) throws BadValueException {
    if (!isMarked(bytes) || !isUnspacedUtf8(bytes) || !isWellFormed(bytes)) {
      throw new BadValueException(
          reader.getValueType().getRawClass().getSimpleName(), "Not written by a JsonCodec");
    }
  }

  private static boolean isMarked(byte[] bytes) {
    boolean isMarked = bytes.length > MARK_CHARS && bytes[0] == MARK;
    for (int i = 1; i < MARK_CHARS && isMarked; i++) {
      isMarked = MARK_ALPHABET.indexOf(bytes[i]) >= 0;
    }
    return isMarked;
  }

  /**
   * Whether the JSON starts and ends with a printable ASCII character, so that no space or
   * byte-order mark is around it, and starts without a zero, a sign of UTF-16 or UTF-32 to Jackson.
   */
  private static boolean isUnspacedUtf8(byte[] bytes) {
    boolean isUtf8 = bytes[MARK_CHARS] > ' ' && bytes[bytes.length - 1] > ' ';
    for (int i = MARK_CHARS; i < Math.min(MARK_CHARS + 4, bytes.length); i++) {
      isUtf8 &= bytes[i] != 0;
    }
    return isUtf8;
  }

  /**
   * Whether the UTF-8 has no overlong character, no half of a surrogate pair, and no character past
   * the last one. Jackson checks the rest.
   */
  private static boolean isWellFormed(byte[] bytes) {
    for (int i = MARK_CHARS; i < bytes.length; i++) {
      boolean begins = bytes[i] < 0 && bytes[i] >= (byte) 0xC0;
      if (begins && !isWellFormed(bytes[i], i + 1 < bytes.length ? bytes[i + 1] : 0)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a character may begin with these two bytes. */
  private static boolean isWellFormed(byte each, byte next) {
    return switch (each) {
      case (byte) 0xC0, (byte) 0xC1 -> false;
      case (byte) 0xE0 -> next >= (byte) 0xA0;
      case (byte) 0xED -> next < (byte) 0xA0;
      case (byte) 0xF0 -> next >= (byte) 0x90;
      case (byte) 0xF4 -> next < (byte) 0x90;
      default -> each < (byte) 0xF5;
    };
  }
}
