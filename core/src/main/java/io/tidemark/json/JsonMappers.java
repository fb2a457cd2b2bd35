package io.tidemark.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBase;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.CreatorProperty;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.PropertyWriter;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.databind.util.NameTransformer;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.Serial;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Calendar;
import java.util.Date;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Makes the mappers of a {@link JsonCodec} that has none of its own. For one thread. */
final class JsonMappers {
  private final Set<ClassLoader> loaders = new LinkedHashSet<>();

  /**
   * For one type.
   *
   * @param loader sees the types that are its parameters; null if nothing does but they themselves
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

  /** What the containers of a type are of in the end, or the type; null for null. */
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

  /** A mapper; its codec must not configure it any further. */
  ObjectMapper mapper(Completeness completeness) {
    JsonMapper.Builder builder =
        JsonMapper.builder(factory())
            .typeFactory(TypeFactory.defaultInstance().withClassLoader(loaders.iterator().next()))
            .annotationIntrospector(new Introspector())
            // What is written.
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
            // What is read.
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
                        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            // By name: a program that is packed into one jar may lose the files by which they would
            // be found. Those that are found come later, and so before them.
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
    completeness.mapper = mapper;
    mapper.getSerializerProvider().setNullKeySerializer(new NoKey());
    return mapper;
  }

  /** What can be written must be readable: what is too long is for {@code maxValueBytes} to say. */
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

  /** Says why a map cannot be written. */
  private static final class NoKey extends StdSerializer<Object> {
    @Serial private static final long serialVersionUID = 1L;

    NoKey() {
      super(Object.class);
    }

    @Override
    public void serialize(Object key, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      throw InvalidDefinitionException.from(
          json, "A key of the map is null, which JSON has no name for", (JavaType) null);
    }
  }

  /**
   * Has every property written: one that is left out could not be told from one of old. Has those
   * of an any-getter put in order. And leaves out how numbers, booleans, enums and times are to be
   * shown to others, such as a number as text for browsers, which would not be read back.
   */
  private static final class Introspector extends JacksonAnnotationIntrospector {
    @Serial private static final long serialVersionUID = 1L;

    @Override
    public JsonInclude.Value findPropertyInclusion(Annotated annotated) {
      return JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS);
    }

    @Override
    public @Nullable Object findSerializer(Annotated annotated) {
      Object own = super.findSerializer(annotated);
      if (own == null && Boolean.TRUE.equals(hasAnyGetter(annotated))) {
        return new JsonOrder.AnyProperties();
      }
      return own == ToStringSerializer.class && isPlain(annotated) ? null : own;
    }

    @Override
    public @Nullable Object findContentSerializer(Annotated annotated) {
      Object own = super.findContentSerializer(annotated);
      return own == ToStringSerializer.class && isPlain(annotated) ? null : own;
    }

    @Override
    public JsonFormat.@Nullable Value findFormat(Annotated annotated) {
      return isPlain(annotated) ? null : super.findFormat(annotated);
    }

    /** Whether these are numbers, booleans, enums or times: they are read as usually written. */
    private static boolean isPlain(Annotated annotated) {
      JavaType type = innermost(annotated.getType());
      return type != null
          && (type.isEnumType()
              || type.hasRawClass(Boolean.class)
              || type.isTypeOrSubTypeOf(Number.class)
              || type.isTypeOrSubTypeOf(Date.class)
              || type.isTypeOrSubTypeOf(Calendar.class)
              || type.getRawClass().getPackage() == Instant.class.getPackage()
              || (type.isPrimitive() && !type.hasRawClass(char.class)));
    }
  }

  /**
   * Sees to it that an object of a class without creators has all its properties. Jackson itself
   * does for the properties of creators.
   */
  static final class Completeness extends BeanDeserializerModifier {
    @Serial private static final long serialVersionUID = 1L;

    static final int FINGERPRINT_CHARS = 8;

    /** By class what is read of it and what is written; null where each object is looked at. */
    private final transient @Nullable Map<String, String> declared;

    private transient boolean hasFingerprint;
    private transient volatile boolean hasMetOthers;

    /** The classes of which there may be subclasses, until they have been looked at. */
    private final transient Deque<AnnotatedClass> polymorphic = new ArrayDeque<>();

    /** By the name of each property of any class all that it goes by. */
    private final transient Map<String, Set<String>> aliases = new ConcurrentHashMap<>();

    /** The mapper that this is a part of. */
    private transient @Nullable ObjectMapper mapper;

    private Completeness(@Nullable Map<String, String> declared) {
      this.declared = declared;
    }

    /** Notices objects whose class was not declared, and so is in no fingerprint. */
    static Completeness ofThisRelease() {
      return new Completeness(new TreeMap<>());
    }

    /** Looks at every object. */
    static Completeness ofAnyRelease() {
      return new Completeness(null);
    }

    /**
     * Ends the declarations: says by a few characters which properties, and of which types, the
     * classes up to now have, which of them they write, and in which order; and the subclasses of
     * theirs that are declared.
     */
    synchronized String fingerprint(JavaType root) {
      ObjectMapper ours = Objects.requireNonNull(mapper);
      while (!polymorphic.isEmpty()) {
        for (NamedType subtype :
            ours.getSubtypeResolver()
                .collectAndResolveSubtypesByTypeId(
                    ours.getDeserializationConfig(), polymorphic.remove())) {
          // Finds its deserializer, and so declares it.
          ours.readerFor(subtype.getType());
        }
      }
      hasFingerprint = true;
      String found = root.toCanonical() + declared;
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(found.getBytes(UTF_8));
        return Base64.getUrlEncoder().encodeToString(hash).substring(0, FINGERPRINT_CHARS);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }

    /**
     * Whether an object was of a class that is not in the fingerprint, as only its entry names it.
     */
    boolean hasMetOthers() {
      return hasMetOthers;
    }

    /** Whether a class that was found up to now has such a property. */
    boolean isProperty(String name) {
      return aliases.containsKey(name);
    }

    /** All names that properties of this name go by. */
    Set<String> aliases(String name) {
      return aliases.getOrDefault(name, Set.of());
    }

    @Override
    public synchronized JsonDeserializer<?> modifyDeserializer(
        DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
      if (hasFingerprint) {
        hasMetOthers = hasMetOthers || deserializer instanceof BeanDeserializerBase;
        return deserializer;
      }
      boolean isPolymorphic = typeInfo(config, bean).isPresent();
      if (declared != null && isPolymorphic && !declared.containsKey(name(bean))) {
        declared.put(name(bean), "");
        polymorphic.add(bean.getClassInfo());
      }
      if (!(deserializer instanceof BeanDeserializerBase base)) {
        return deserializer;
      }
      if (declared != null) {
        declared.put(name(bean), types(config, base) + " " + written(valueType(config, bean)));
        return deserializer;
      }
      Map<String, Set<String>> required = required(config, bean, base);
      return required.isEmpty() ? deserializer : new CheckingDeserializer(deserializer, required);
    }

    private static String name(BeanDescription bean) {
      return bean.getType().toCanonical();
    }

    private static Map<String, String> types(
        DeserializationConfig config, BeanDeserializerBase deserializer) {
      Map<String, String> types = new TreeMap<>();
      for (Iterator<SettableBeanProperty> all = deserializer.properties(); all.hasNext(); ) {
        SettableBeanProperty property = all.next();
        types.put(
            property.getName(), property.getType().toCanonical() + aroundNames(config, property));
      }
      JavaType delegate = deserializer.getValueInstantiator().getDelegateType(config);
      if (delegate != null) {
        types.put("", delegate.toCanonical());
      }
      return types;
    }

    /** What is put around the names of its properties; empty if it is an object of its own. */
    private static String aroundNames(DeserializationConfig config, SettableBeanProperty property) {
      NameTransformer unwrapper =
          property.getMember() == null
              ? null
              : config
                  .getAnnotationIntrospector()
                  .findUnwrappingNameTransformer(property.getMember());
      return unwrapper == null ? "" : unwrapper.transform("*");
    }

    /** The properties that are written as well as set, with all names that each goes by. */
    private Map<String, Set<String>> required(
        DeserializationConfig config, BeanDescription bean, BeanDeserializerBase deserializer) {
      Map<String, Set<String>> required = new TreeMap<>();
      for (Iterator<SettableBeanProperty> all = deserializer.properties(); all.hasNext(); ) {
        SettableBeanProperty property = all.next();
        Set<String> names = new HashSet<>();
        names.add(property.getName());
        for (PropertyName alias : property.findAliases(config)) {
          names.add(alias.getSimpleName());
        }
        aliases
            .computeIfAbsent(property.getName(), name -> ConcurrentHashMap.newKeySet())
            .addAll(names);
        if (!(property instanceof CreatorProperty)) {
          required.put(property.getName(), names);
        }
      }
      if (!required.isEmpty()) {
        required.keySet().retainAll(written(valueType(config, bean)));
        typeIdName(config, bean).ifPresent(required::remove);
      }
      return required;
    }

    /** The names of the properties that are written, in their order. */
    private Set<String> written(JavaType type) {
      Set<String> names = new LinkedHashSet<>();
      try {
        JsonSerializer<?> serializer =
            Objects.requireNonNull(mapper)
                .getSerializerProviderInstance()
                .findValueSerializer(type, null);
        while (serializer.getDelegatee() != null) {
          serializer = serializer.getDelegatee();
        }
        Iterator<PropertyWriter> properties = serializer.properties();
        while (properties.hasNext()) {
          PropertyWriter property = properties.next();
          if (!(property instanceof BeanPropertyWriter writer && writer.isUnwrapping())) {
            names.add(property.getName());
          }
        }
      } catch (JsonMappingException e) {
        // Such a class is not written at all.
        return Set.of();
      }
      return names;
    }

    /** The class of the values, where they are made by a builder. */
    private static JavaType valueType(DeserializationConfig config, BeanDescription bean) {
      AnnotationIntrospector introspector = config.getAnnotationIntrospector();
      JsonPOJOBuilder.Value builder = introspector.findPOJOBuilderConfig(bean.getClassInfo());
      AnnotatedMethod build =
          bean.findMethod(
              builder == null ? JsonPOJOBuilder.DEFAULT_BUILD_METHOD : builder.buildMethodName,
              new Class<?>[0]);
      boolean isBuilder = builder != null && build != null;
      return isBuilder ? build.getType() : bean.getType();
    }

    /** The name of a property that says which class an object is of; it may be kept from it. */
    private static Optional<String> typeIdName(DeserializationConfig config, BeanDescription bean) {
      return typeInfo(config, bean).map(info -> info.getPropertyName());
    }

    private static Optional<JsonTypeInfo.Value> typeInfo(
        DeserializationConfig config, BeanDescription bean) {
      return Optional.ofNullable(
          config.getAnnotationIntrospector().findPolymorphicTypeInfo(config, bean.getClassInfo()));
    }
  }

  /** Reads an object of a class only if it has all its properties. */
  private static final class CheckingDeserializer extends DelegatingDeserializer {
    @Serial private static final long serialVersionUID = 1L;

    /** By the name of each property all that it goes by. */
    private final transient Map<String, Set<String>> required;

    CheckingDeserializer(JsonDeserializer<?> delegatee, Map<String, Set<String>> required) {
      super(delegatee);
      this.required = required;
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegatee) {
      return new CheckingDeserializer(delegatee, required);
    }

    /** Its properties are among those of the object that it is a part of. */
    @Override
    @SuppressWarnings("unchecked") // A deserializer of objects gives objects.
    public JsonDeserializer<Object> unwrappingDeserializer(NameTransformer unwrapper) {
      return (JsonDeserializer<Object>) _delegatee.unwrappingDeserializer(unwrapper);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (parser.hasToken(JsonToken.START_OBJECT)) {
        parser.nextToken();
      } else if (parser.hasToken(JsonToken.START_ARRAY)) {
        throw MismatchedInputException.from(
            parser, handledType(), "Properties by their position may be another release's");
      } else if (!parser.hasToken(JsonToken.FIELD_NAME) && !parser.hasToken(JsonToken.END_OBJECT)) {
        // A reference to an object that was read before, or the like.
        return super.deserialize(parser, context);
      }
      Set<String> names = new HashSet<>();
      try (TokenBuffer object = context.bufferForInputBuffering(parser)) {
        object.writeStartObject();
        for (; parser.hasToken(JsonToken.FIELD_NAME); parser.nextToken()) {
          names.add(parser.currentName());
          object.writeFieldName(parser.currentName());
          parser.nextToken();
          object.copyCurrentStructure(parser);
        }
        object.writeEndObject();
        for (Map.Entry<String, Set<String>> property : required.entrySet()) {
          if (property.getValue().stream().noneMatch(names::contains)) {
            MismatchedInputException missing =
                MismatchedInputException.from(parser, handledType(), "Missing property");
            missing.prependPath(handledType(), property.getKey());
            throw missing;
          }
        }
        try (JsonParser complete = object.asParserOnFirstToken()) {
          return super.deserialize(complete, context);
        }
      }
    }
  }
}
