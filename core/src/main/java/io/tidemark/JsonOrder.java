package io.tidemark;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toList;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.ContextualSerializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.CollectionType;
import com.fasterxml.jackson.databind.type.MapType;
import java.io.IOException;
import java.io.Serial;
import java.io.StringWriter;
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

/**
 * Writes what has no order in one that depends on nothing but its elements: the order of a hash
 * table depends on its history, and that of {@code Set.of} on the process.
 */
final class JsonOrder extends BeanSerializerModifier {
  @Serial private static final long serialVersionUID = 1L;

  private JsonOrder() {}

  /** What writes so, and reads sets into such as keep their order. */
  static Module module() {
    return new SimpleModule("tidemark-order")
        .setSerializerModifier(new JsonOrder())
        .addAbstractTypeMapping(Set.class, LinkedHashSet.class);
  }

  @Override
  @SuppressWarnings("unchecked") // It is given collections only.
  public JsonSerializer<?> modifyCollectionSerializer(
      SerializationConfig config,
      CollectionType type,
      BeanDescription bean,
      JsonSerializer<?> serializer) {
    return Set.class.isAssignableFrom(type.getRawClass())
            || type.getRawClass().isAssignableFrom(Set.class)
        ? new SetSerializer((JsonSerializer<Object>) serializer)
        : serializer;
  }

  @Override
  @SuppressWarnings("unchecked") // It is given maps only.
  public JsonSerializer<?> modifyMapSerializer(
      SerializationConfig config,
      MapType type,
      BeanDescription bean,
      JsonSerializer<?> serializer) {
    return new MapSerializer((JsonSerializer<Object>) serializer);
  }

  /** A set has an order only if it says so. */
  private static boolean isWithoutOrder(Object value) {
    return value instanceof Set<?> set
        && set.size() > 1
        && !(set instanceof SortedSet)
        && !(set instanceof LinkedHashSet)
        && !(set instanceof EnumSet);
  }

  /**
   * A map has an order, as rows of a query have, unless it is of a kind that is known to have none.
   */
  private static boolean isWithoutOrder(Map<?, ?> map) {
    if (map.size() < 2 || map instanceof LinkedHashMap) {
      return false;
    }
    return map instanceof HashMap
        || map instanceof Hashtable
        || map instanceof WeakHashMap
        || map instanceof IdentityHashMap
        || (map instanceof ConcurrentMap && !(map instanceof ConcurrentNavigableMap))
        || map.getClass() == MAP_OF;
  }

  private static final Class<?> MAP_OF = Map.of(1, 1, 2, 2).getClass();

  /** Has another serializer write what it has put in order. */
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
    @SuppressWarnings("unchecked") // It is the same serializer in a context.
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

  private static final class MapSerializer extends Ordering {
    @Serial private static final long serialVersionUID = 1L;

    private static final Comparator<Map.Entry<Object, Object>> BY_KEY =
        (a, b) -> compareKeys(a.getKey(), b.getKey());

    MapSerializer(JsonSerializer<Object> serializer) {
      super(serializer);
    }

    @Override
    JsonSerializer<?> with(JsonSerializer<Object> other) {
      return new MapSerializer(other);
    }

    @Override
    public void serialize(Object map, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      serializer.serialize(inOrder(map), generator, provider);
    }

    @Override
    public void serializeWithType(
        Object map, JsonGenerator generator, SerializerProvider provider, TypeSerializer type)
        throws IOException {
      serializer.serializeWithType(inOrder(map), generator, provider, type);
    }

    private static Object inOrder(Object value) {
      if (!(value instanceof Map<?, ?> map) || !isWithoutOrder(map)) {
        return value;
      }
      List<Map.Entry<Object, Object>> entries = new ArrayList<>();
      map.forEach((key, content) -> entries.add(new SimpleEntry<>(key, content)));
      entries.sort(BY_KEY);
      Map<Object, Object> ordered = new LinkedHashMap<>();
      entries.forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
      return ordered;
    }

    @SuppressWarnings("unchecked") // Objects of one class are comparable with each other.
    private static int compareKeys(Object a, Object b) {
      return a instanceof Comparable<?> && b != null && a.getClass() == b.getClass()
          ? ((Comparable<Object>) a).compareTo(b)
          : String.valueOf(a).compareTo(String.valueOf(b));
    }
  }

  private static final class SetSerializer extends Ordering {
    @Serial private static final long serialVersionUID = 1L;

    SetSerializer(JsonSerializer<Object> serializer) {
      super(serializer);
    }

    @Override
    JsonSerializer<?> with(JsonSerializer<Object> other) {
      return new SetSerializer(other);
    }

    @Override
    public void serialize(Object set, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      serializer.serialize(
          isWithoutOrder(set) ? inOrder((Set<?>) set, generator.getCodec()) : set,
          generator,
          provider);
    }

    @Override
    public void serializeWithType(
        Object set, JsonGenerator generator, SerializerProvider provider, TypeSerializer type)
        throws IOException {
      // The type's name is that of the object: it must be read into a set again.
      serializer.serializeWithType(
          isWithoutOrder(set)
              ? new LinkedHashSet<>(inOrder((Set<?>) set, generator.getCodec()))
              : set,
          generator,
          provider,
          type);
    }

    private static List<Object> inOrder(Set<?> set, ObjectCodec codec) throws IOException {
      if (set.stream().allMatch(String.class::isInstance)) {
        return set.stream().sorted().collect(toList());
      }
      IdentityHashMap<Object, String> texts = new IdentityHashMap<>();
      for (Object element : set) {
        texts.put(element, json(element, codec));
      }
      List<Object> elements = new ArrayList<>(set);
      elements.sort(Comparator.comparing(element -> requireNonNull(texts.get(element))));
      return elements;
    }

    private static String json(Object element, ObjectCodec codec) throws IOException {
      StringWriter text = new StringWriter();
      try (JsonGenerator generator = codec.getFactory().createGenerator(text)) {
        codec.writeValue(generator, element);
      }
      return text.toString();
    }
  }
}
