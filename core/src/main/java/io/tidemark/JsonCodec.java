package io.tidemark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * Values as JSON in UTF-8, by Jackson. Immutable and thread-safe.
 *
 * @param <V> the type of the values
 */
public final class JsonCodec<V> implements Codec<V> {
  private final ObjectWriter writer;
  private final ObjectReader reader;

  private JsonCodec(ObjectMapper mapper, JavaType type) {
    this.writer = mapper.writerFor(type);
    this.reader = mapper.readerFor(type);
  }

  /**
   * A codec for a class, with a mapper that finds the Jackson modules on the class path (such as
   * the one for {@code java.time}) and sorts properties and map entries, so that equal values give
   * equal bytes.
   */
  public static <V> JsonCodec<V> of(Class<V> type) {
    ObjectMapper mapper = defaultMapper();
    return new JsonCodec<>(mapper, mapper.constructType(type));
  }

  /** A codec for a generic type, with the same mapper as {@link #of(Class)}. */
  public static <V> JsonCodec<V> of(TypeReference<V> type) {
    return of(type, defaultMapper());
  }

  /** A codec for a type with a mapper of your own, which must not be configured any further. */
  public static <V> JsonCodec<V> of(TypeReference<V> type, ObjectMapper mapper) {
    return new JsonCodec<>(mapper, mapper.constructType(type));
  }

  @Override
  public byte[] encode(V value) throws JsonProcessingException {
    return writer.writeValueAsBytes(value);
  }

  @Override
  public V decode(byte[] bytes) throws IOException {
    return reader.readValue(bytes);
  }

  private static ObjectMapper defaultMapper() {
    return JsonMapper.builder()
        .findAndAddModules()
        .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
        .build();
  }
}
