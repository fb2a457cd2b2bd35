package io.tidemark.spring.cache;

import io.tidemark.key.KeyEncoder;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.util.ReflectionUtils;

/**
 * Gives the keys that Spring makes of a method's parameters a text that is one-to-one: that of a
 * simple type, an enum or a record after the name of its class, as keys of several classes can meet
 * in one cache; lists and {@link SimpleKey}, which has several parameters or none, with their
 * elements. Thread-safe.
 */
final class KeyTexts implements KeyEncoder<Object> {
  private static final Field PARAMETERS = parameters();

  private final ConcurrentMap<Class<?>, KeyEncoder<Object>> encoders = new ConcurrentHashMap<>();

  @Override
  public String encode(Object key) {
    return text(key, false);
  }

  /**
   * The text of a part.
   *
   * @param deep whether arrays are compared by their elements, as in a {@link SimpleKey}
   */
  private String text(@Nullable Object part, boolean deep) {
    if (part == null) {
      return "null";
    }
    if (part instanceof SimpleKey) {
      Object[] parameters = (Object[]) ReflectionUtils.getField(PARAMETERS, part);
      return joined("SimpleKey", Arrays.asList(Objects.requireNonNull(parameters)), true);
    }
    if (part instanceof List<?> list) {
      return joined("List", list, false);
    }
    if (deep && part.getClass().isArray()) {
      return arrayText(part);
    }
    Class<?> type =
        part instanceof Enum<?> constant ? constant.getDeclaringClass() : part.getClass();
    return prefix(type) + encoders.computeIfAbsent(type, KeyTexts::encoder).encode(part);
  }

  /** Arrays of objects are equal by their elements; those of a primitive type to none but such. */
  private String arrayText(Object array) {
    List<@Nullable Object> elements = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      elements.add(Array.get(array, i));
    }
    Class<?> type = array.getClass().getComponentType();
    return joined(type.isPrimitive() ? type.getName() + " array" : "array", elements, true);
  }

  private String joined(String name, List<?> parts, boolean deep) {
    List<String> texts = new ArrayList<>();
    for (Object part : parts) {
      texts.add(text(part, deep).replace("~", "~0").replace(",", "~1"));
    }
    return name + '[' + String.join(",", texts) + ']';
  }

  /** Simple names of simple types differ, and have no space. */
  private static String prefix(Class<?> type) {
    if (type.isEnum()) {
      return "enum " + type.getName() + ':';
    }
    return type.isRecord() ? "record " + type.getName() + ':' : type.getSimpleName() + ':';
  }

  @SuppressWarnings("unchecked") // It is given keys of its class only.
  private static KeyEncoder<Object> encoder(Class<?> type) {
    return (KeyEncoder<Object>) KeyEncoder.of(type);
  }

  private static Field parameters() {
    Field field =
        Objects.requireNonNull(
            ReflectionUtils.findField(SimpleKey.class, "params", Object[].class),
            "SimpleKey keeps its parameters in the field params");
    ReflectionUtils.makeAccessible(field);
    return field;
  }
}
