package io.tidemark.json;

import static java.util.Collections.singletonMap;
import static java.util.Comparator.comparing;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toList;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.ContextualSerializer;
import com.fasterxml.jackson.databind.ser.std.MapSerializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.CollectionType;
import com.fasterxml.jackson.databind.type.MapType;
import java.io.IOException;
import java.io.Serial;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes unordered collections in an order that depends only on their elements. The order of a hash
 * table depends on its history, and that of {@code Set.of} on the process.
 */
final class JsonOrder extends BeanSerializerModifier {
  @Serial private static final long serialVersionUID = 1L;

  private JsonOrder() {}

  /** Sorts what is written, and reads sets into ones that keep their order. */
  static Module module() {
    return new SimpleModule("tidemark-order")
        .setSerializerModifier(new JsonOrder())
        .addAbstractTypeMapping(Set.class, LinkedHashSet.class);
  }

  /** An {@code Iterable} is no collection to Jackson, but it may be a set. */
  @Override
  @SuppressWarnings("unchecked") // The serializer of Iterable writes any object.
  public JsonSerializer<?> modifySerializer(
      SerializationConfig config, BeanDescription bean, JsonSerializer<?> serializer) {
    return bean.getBeanClass() == Iterable.class
        ? new OrderedSetSerializer((JsonSerializer<Object>) serializer)
        : serializer;
  }

  @Override
  @SuppressWarnings("unchecked") // Jackson passes collections only.
  public JsonSerializer<?> modifyCollectionSerializer(
      SerializationConfig config,
      CollectionType type,
      BeanDescription bean,
      JsonSerializer<?> serializer) {
    return Set.class.isAssignableFrom(type.getRawClass())
            || type.getRawClass().isAssignableFrom(Set.class)
        ? new OrderedSetSerializer((JsonSerializer<Object>) serializer)
        : serializer;
  }

  @Override
  @SuppressWarnings("unchecked") // Jackson passes maps only.
  public JsonSerializer<?> modifyMapSerializer(
      SerializationConfig config,
      MapType type,
      BeanDescription bean,
      JsonSerializer<?> serializer) {
    return new OrderedMapSerializer((JsonSerializer<Object>) serializer);
  }

  /** A set has no order unless its class says so. */
  private static boolean isWithoutOrder(Object value) {
    return value instanceof Set<?> set
        && set.size() > 1
        && !(set instanceof SortedSet)
        && !(set instanceof LinkedHashSet)
        && !(set instanceof EnumSet);
  }

  /** A map has an order, like the rows of a query, unless its class is known to have none. */
  private static boolean isWithoutOrder(Map<?, ?> map) {
    return map.size() > 1
        && !(map instanceof LinkedHashMap)
        && (map instanceof HashMap
            || map instanceof Hashtable
            || map instanceof WeakHashMap
            || map instanceof IdentityHashMap
            || (map instanceof ConcurrentMap && !(map instanceof ConcurrentNavigableMap))
            || map.getClass() == MAP_OF);
  }

  private static final Class<?> MAP_OF = Map.of(1, 1, 2, 2).getClass();

  /**
   * Sorts elements by their natural order if all are of one class that has one, as a sorted set
   * does. Sorts elements that this order does not tell apart, and all others, by their JSON.
   *
   * @param compared what part of an element may have an order
   * @param written what part of it is written
   */
  private static <E> List<E> sorted(
      List<E> elements,
      Function<E, @Nullable Object> compared,
      Function<E, Object> written,
      ObjectCodec codec)
      throws IOException {
    IdentityHashMap<E, String> texts = new IdentityHashMap<>();
    Comparator<E> order =
        comparing(
            element -> texts.computeIfAbsent(element, any -> json(written.apply(any), codec)));
    if (areOfOneOrder(elements.stream().map(compared).collect(toList()))) {
      order = Comparator.<E, Object>comparing(compared, JsonOrder::compare).thenComparing(order);
    }
    try {
      return elements.stream().sorted(order).collect(toList());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static List<Object> sorted(Set<?> set, ObjectCodec codec) throws IOException {
    // A copy, because the entry set of a map may create its entries anew each time.
    return sorted(new ArrayList<>(set), element -> element, element -> element, codec);
  }

  private static Object inOrder(Object value, ObjectCodec codec) throws IOException {
    if (!(value instanceof Map<?, ?> map) || !isWithoutOrder(map)) {
      return value;
    }
    List<Map.Entry<Object, Object>> entries = new ArrayList<>();
    map.forEach((key, content) -> entries.add(new SimpleEntry<>(key, content)));
    Map<Object, Object> ordered = new LinkedHashMap<>();
    for (Map.Entry<Object, Object> entry :
        sorted(entries, Map.Entry::getKey, entry -> singletonMap(entry.getKey(), ""), codec)) {
      ordered.put(entry.getKey(), entry.getValue());
    }
    return ordered;
  }

  private static boolean areOfOneOrder(List<@Nullable Object> elements) {
    Object first = elements.get(0);
    return first instanceof Comparable<?>
        && elements.stream().allMatch(other -> other != null && typeOf(other) == typeOf(first));
  }

  /** A constant with a body has a class of its own. */
  private static Class<?> typeOf(Object element) {
    return element instanceof Enum<?> constant ? constant.getDeclaringClass() : element.getClass();
  }

  @SuppressWarnings("unchecked") // Objects of one class are comparable with each other.
  private static int compare(@Nullable Object a, @Nullable Object b) {
    return ((Comparable<Object>) requireNonNull(a)).compareTo(requireNonNull(b));
  }

  private static String json(@Nullable Object element, ObjectCodec codec) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = codec.getFactory().createGenerator(text)) {
      codec.writeValue(generator, element);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** Puts a value in order and has another serializer write it. */
  private abstract static class Ordering extends StdSerializer<Object>
      implements ContextualSerializer {
    @Serial private static final long serialVersionUID = 1L;

    final transient JsonSerializer<Object> serializer;

    Ordering(JsonSerializer<Object> serializer) {
      super(serializer.handledType());
      this.serializer = serializer;
    }

    abstract JsonSerializer<?> with(JsonSerializer<Object> other);

    @Override
    @SuppressWarnings("unchecked") // The same serializer, in a context.
    public JsonSerializer<?> createContextual(SerializerProvider provider, BeanProperty property)
        throws JsonMappingException {
      JsonSerializer<?> contextual = provider.handlePrimaryContextualization(serializer, property);
      return with((JsonSerializer<Object>) contextual);
    }

    @Override
    public boolean isEmpty(SerializerProvider provider, Object value) {
      return serializer.isEmpty(provider, value);
    }
  }

  /**
   * Writes the map of an any-getter, whose entries are properties of the object around it. Jackson
   * creates no separate serializer for it that could be modified.
   */
  static final class AnyProperties extends StdSerializer<Object> implements ContextualSerializer {
    @Serial private static final long serialVersionUID = 1L;

    private final transient @Nullable MapSerializer entries;

    AnyProperties() {
      this(null);
    }

    private AnyProperties(@Nullable MapSerializer entries) {
      super(Object.class);
      this.entries = entries;
    }

    @Override
    public JsonSerializer<?> createContextual(SerializerProvider provider, BeanProperty property)
        throws JsonMappingException {
      JavaType map = property.getMember().getType();
      JsonSerializer<?> contextual =
          MapSerializer.construct(
                  (Set<String>) null,
                  map,
                  false,
                  provider.findTypeSerializer(map.getContentType()),
                  null,
                  null,
                  null)
              .createContextual(provider, property);
      return new AnyProperties((MapSerializer) contextual);
    }

    @Override
    public void serialize(Object map, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      requireNonNull(entries)
          .serializeWithoutTypeInfo(
              (Map<?, ?>) inOrder(map, generator.getCodec()), generator, provider);
    }
  }

  private static final class OrderedMapSerializer extends Ordering {
    @Serial private static final long serialVersionUID = 1L;

    OrderedMapSerializer(JsonSerializer<Object> serializer) {
      super(serializer);
    }

    @Override
    JsonSerializer<?> with(JsonSerializer<Object> other) {
      return new OrderedMapSerializer(other);
    }

    @Override
    public void serialize(Object map, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      serializer.serialize(inOrder(map, generator.getCodec()), generator, provider);
    }

    @Override
    public void serializeWithType(
        Object map, JsonGenerator generator, SerializerProvider provider, TypeSerializer type)
        throws IOException {
      serializer.serializeWithType(inOrder(map, generator.getCodec()), generator, provider, type);
    }
  }

  private static final class OrderedSetSerializer extends Ordering {
    @Serial private static final long serialVersionUID = 1L;

    OrderedSetSerializer(JsonSerializer<Object> serializer) {
      super(serializer);
    }

    @Override
    JsonSerializer<?> with(JsonSerializer<Object> other) {
      return new OrderedSetSerializer(other);
    }

    @Override
    public void serialize(Object set, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      serializer.serialize(
          isWithoutOrder(set) ? sorted((Set<?>) set, generator.getCodec()) : set,
          generator,
          provider);
    }

    @Override
    public void serializeWithType(
        Object set, JsonGenerator generator, SerializerProvider provider, TypeSerializer type)
        throws IOException {
      // The name of the object's class is written, so it must be a set to be read as one.
      serializer.serializeWithType(
          isWithoutOrder(set)
              ? new LinkedHashSet<>(sorted((Set<?>) set, generator.getCodec()))
              : set,
          generator,
          provider,
          type);
    }
  }
}
