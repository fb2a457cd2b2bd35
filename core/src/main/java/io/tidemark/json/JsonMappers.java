package io.tidemark.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.Serial;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Creates the mappers of a {@link JsonCodec} that is not given one. For one thread. */
final class JsonMappers {
  private final Set<ClassLoader> loaders = new LinkedHashSet<>();

  /**
   * Creates mappers for one type.
   *
   * @param loader sees the type's parameters; null if only their own loaders do
   */
  JsonMappers(JavaType type, @Nullable ClassLoader loader) {
    addLoaders(type);
    add(loader);
    add(JsonCodec.class.getClassLoader());
  }

  private void addLoaders(JavaType type) {
    add(type.getRawClass().getClassLoader());
    for (int i = 0; i < type.containedTypeCount(); i++) {
      addLoaders(type.containedType(i));
    }
    if (type.isArrayType()) {
      addLoaders(type.getContentType());
    }
  }

  /** The innermost element type of nested containers, or the type itself; null for null. */
  static @Nullable JavaType innermost(@Nullable JavaType type) {
    JavaType innermost = type;
    while (innermost != null && innermost.getContentType() != null) {
      innermost = innermost.getContentType();
    }
    return innermost;
  }

  private void add(@Nullable ClassLoader loader) {
    if (loader != null) {
      loaders.add(loader);
    }
  }

  /** Creates a mapper; its codec must not configure it any further. */
  ObjectMapper mapper(JsonCompleteness completeness) {
    JsonMapper.Builder builder =
        configured(JsonMapper.builder(factory()))
            .typeFactory(TypeFactory.defaultInstance().withClassLoader(loaders.iterator().next()))
            .annotationIntrospector(new JsonIntrospector())
            // Named here, because a program packed into one jar may lose the files by which modules
            // are found. Modules that are found are added later and take precedence.
            .addModules(
                new Jdk8Module(),
                new JavaTimeModule(),
                JsonTimes.module(),
                JsonSqlTimes.module(),
                JsonBytes.module());
    for (ClassLoader loader : loaders) {
      builder.addModules(ObjectMapper.findModules(loader));
    }
    ObjectMapper mapper =
        builder
            .addModule(JsonOrder.module())
            .addModule(new SimpleModule("tidemark-complete").setDeserializerModifier(completeness))
            .build();
    completeness.belongTo(mapper);
    mapper.getSerializerProvider().setNullKeySerializer(new NoKey());
    return mapper;
  }

  private static JsonMapper.Builder configured(JsonMapper.Builder builder) {
    return builder
        // Writing.
        .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
        // Reading.
        .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .withCoercionConfig(
            LogicalType.Textual,
            coercions ->
                coercions
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
  }

  /** Reads all that can be written: only {@code maxValueBytes} limits the length. */
  private static JsonFactory factory() {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .maxNumberLength(100_000)
                .maxNestingDepth(1_000)
                .build())
        .build();
  }

  /** Reports why a map cannot be written. */
  private static final class NoKey extends StdSerializer<Object> {
    @Serial private static final long serialVersionUID = 1L;

    NoKey() {
      super(Object.class);
    }

    @Override
    public void serialize(Object key, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      throw InvalidDefinitionException.from(
          json, "The map has a null key, which JSON does not allow", (JavaType) null);
    }
  }
}
