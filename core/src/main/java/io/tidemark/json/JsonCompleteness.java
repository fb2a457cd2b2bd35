package io.tidemark.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBase;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.CreatorProperty;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.PropertyWriter;
import com.fasterxml.jackson.databind.util.NameTransformer;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import java.io.IOException;
import java.io.Serial;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Base64;
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

/**
 * Ensures that an object of a class without creators has all its properties. Jackson itself ensures
 * it for the properties of creators.
 */
final class JsonCompleteness extends BeanDeserializerModifier {
  @Serial private static final long serialVersionUID = 1L;

  static final int FINGERPRINT_CHARS = 8;

  /** By class, what is read and what is written of it; null if every object is checked. */
  private final transient @Nullable Map<String, String> declared;

  private transient boolean hasFingerprint;
  private transient volatile boolean hasMetOthers;

  /** Classes that may have subclasses and have not been looked at yet. */
  private final transient Deque<AnnotatedClass> polymorphic = new ArrayDeque<>();

  /** By the name of each property of any class, all its names. */
  private final transient Map<String, Set<String>> aliases = new ConcurrentHashMap<>();

  private transient @Nullable ObjectMapper mapper;

  private JsonCompleteness(@Nullable Map<String, String> declared) {
    this.declared = declared;
  }

  /** Detects objects of a class that was not declared and so is not in the fingerprint. */
  static JsonCompleteness ofThisRelease() {
    return new JsonCompleteness(new TreeMap<>());
  }

  /** Checks every object. */
  static JsonCompleteness ofAnyRelease() {
    return new JsonCompleteness(null);
  }

  /**
   * Ends the declarations. Returns a few characters that identify the properties of the classes so
   * far, with their types, which of them are written and in which order, and the declared
   * subclasses of these classes.
   */
  synchronized String fingerprint(JavaType root) {
    ObjectMapper ours = Objects.requireNonNull(mapper);
    while (!polymorphic.isEmpty()) {
      for (NamedType subtype :
          ours.getSubtypeResolver()
              .collectAndResolveSubtypesByTypeId(
                  ours.getDeserializationConfig(), polymorphic.remove())) {
        // Finds its deserializer, which declares it.
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

  /** Takes the mapper that this belongs to. */
  void belongTo(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** Whether an object had a class that only its entry names and no fingerprint covers. */
  boolean hasMetOthers() {
    return hasMetOthers;
  }

  /** Whether a class found so far has such a property. */
  boolean isProperty(String name) {
    return aliases.containsKey(name);
  }

  /** All names of the properties with this name. */
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

  /** What unwrapping puts around the names of its properties; empty if it is not unwrapped. */
  private static String aroundNames(DeserializationConfig config, SettableBeanProperty property) {
    NameTransformer unwrapper =
        property.getMember() == null
            ? null
            : config
                .getAnnotationIntrospector()
                .findUnwrappingNameTransformer(property.getMember());
    return unwrapper == null ? "" : unwrapper.transform("*");
  }

  /** The properties that are both written and set, with all names of each. */
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

  /** The names of the written properties, in their order. */
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
      // The class cannot be written at all.
      return Set.of();
    }
    return names;
  }

  /** The class of the values: for a builder, the one that it builds. */
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

  /** The name of the property that names an object's class; the object may not get it. */
  private static Optional<String> typeIdName(DeserializationConfig config, BeanDescription bean) {
    return typeInfo(config, bean).map(info -> info.getPropertyName());
  }

  private static Optional<JsonTypeInfo.Value> typeInfo(
      DeserializationConfig config, BeanDescription bean) {
    return Optional.ofNullable(
        config.getAnnotationIntrospector().findPolymorphicTypeInfo(config, bean.getClassInfo()));
  }

  /** Reads an object of a class only if it has all required properties. */
  private static final class CheckingDeserializer extends DelegatingDeserializer {
    @Serial private static final long serialVersionUID = 1L;

    /** By the name of each property, all its names. */
    private final transient Map<String, Set<String>> required;

    CheckingDeserializer(JsonDeserializer<?> delegatee, Map<String, Set<String>> required) {
      super(delegatee);
      this.required = required;
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegatee) {
      return new CheckingDeserializer(delegatee, required);
    }

    /** Does not check: its properties are among those of the object around it. */
    @Override
    @SuppressWarnings("unchecked") // A deserializer of objects returns objects.
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
            parser, handledType(), "Properties by position may come from another release");
      } else if (!parser.hasToken(JsonToken.FIELD_NAME) && !parser.hasToken(JsonToken.END_OBJECT)) {
        // Such as a reference to an object that was read before.
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
