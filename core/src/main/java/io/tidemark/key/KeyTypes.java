package io.tidemark.key;

import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Knows the types that have a one-to-one text, the same in every process. */
final class KeyTypes {
  /** Values of these types are equal only if their texts are: see {@link KeyEncoder}. */
  private static final Set<Class<?>> PLAIN =
      Set.of(
          String.class,
          Character.class,
          Long.class,
          Integer.class,
          Short.class,
          Byte.class,
          BigInteger.class,
          BigDecimal.class,
          Boolean.class,
          UUID.class,
          Currency.class,
          Instant.class,
          LocalDate.class,
          LocalTime.class,
          LocalDateTime.class,
          OffsetDateTime.class,
          OffsetTime.class,
          Year.class,
          YearMonth.class,
          MonthDay.class,
          Duration.class,
          Period.class,
          ZoneOffset.class);

  private static final String OWN_TEXT =
      "use KeyEncoder.ofFields with the fields that its equals compares, or a lambda that gives"
          + " each key its own text";

  private KeyTypes() {}

  /** The class of a value; for a constant of an enum the enum, even if the constant has a body. */
  static Class<?> typeOf(Object value) {
    return value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
  }

  /**
   * Encodes the values of a simple type or of a record.
   *
   * @throws IllegalArgumentException if the type is neither
   */
  static KeyEncoder<Object> encoder(Class<?> type) {
    return encoder(type, type.getTypeName());
  }

  /** The class of the objects that hold values of a type; another one for primitive types only. */
  static Class<?> boxed(Class<?> type) {
    return MethodType.methodType(type).wrap().returnType();
  }

  /** Like {@link #encoder(Class)}; messages call what is of the type {@code subject}. */
  static KeyEncoder<Object> encoder(Class<?> type, String subject) {
    return encoder(type, subject, new HashSet<>());
  }

  /**
   * Encodes the values of a simple type.
   *
   * @throws IllegalArgumentException if the type is not simple; the message says what to do instead
   */
  static KeyEncoder<Object> simpleEncoder(Class<?> type) {
    KeyEncoder<Object> simple = simple(type);
    if (simple == null) {
      throw new IllegalArgumentException(
          "it is a %s, whose text is not known to be one-to-one; %s"
              .formatted(type.getTypeName(), wayOut(type)));
    }
    return simple;
  }

  private static String wayOut(Class<?> type) {
    if (type.isArray()) {
      return "use another type: an array equals only itself";
    }
    return type.isRecord()
        ? "set keyEncoder(KeyEncoder.of(" + type.getSimpleName() + ".class))"
        : "set a keyEncoder, such as KeyEncoder.ofFields with the fields that its equals compares";
  }

  private static @Nullable KeyEncoder<Object> simple(Class<?> type) {
    if (PLAIN.contains(type)) {
      return Object::toString;
    }
    if (type.isEnum()) {
      return constant -> ((Enum<?>) constant).name();
    }
    if (type == Double.class) {
      return number -> Double.toHexString((Double) number);
    }
    if (type == Float.class) {
      return number -> Float.toHexString((Float) number);
    }
    return null;
  }

  /**
   * Encodes the values of a type.
   *
   * @param subject what is of the type, for messages
   * @param around the records that contain it
   */
  private static KeyEncoder<Object> encoder(Class<?> type, String subject, Set<Class<?>> around) {
    KeyEncoder<Object> simple = simple(type);
    if (simple != null) {
      return simple;
    }
    if (!type.isRecord() || !around.add(type)) {
      String what = type.getTypeName();
      throw new IllegalArgumentException(
          "%s is %sneither a simple type nor a record of simple types; %s"
              .formatted(
                  subject, subject.equals(what) ? "" : "a " + what + ", which is ", OWN_TEXT));
    }
    checkComparesItsFields(type);
    List<Function<Object, @Nullable String>> fields = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      fields.add(field(component, around));
    }
    around.remove(type);
    return new KeyFields<>(List.copyOf(fields));
  }

  /** Refuses an overridden {@code equals}: the compiler's is final and compares all fields. */
  private static void checkComparesItsFields(Class<?> type) {
    try {
      if (Modifier.isFinal(type.getMethod("equals", Object.class).getModifiers())) {
        return;
      }
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every object has equals", e);
    }
    throw new IllegalArgumentException(
        "%s overrides equals; use KeyEncoder.ofFields with the fields that it compares"
            .formatted(type.getName()));
  }

  private static Function<Object, @Nullable String> field(
      RecordComponent component, Set<Class<?>> around) {
    Class<?> declared = boxed(component.getType());
    String subject =
        "component " + component.getName() + " of " + component.getDeclaringRecord().getName();
    KeyEncoder<Object> encoder = encoder(declared, subject, around);
    Field field = accessibleField(component);
    return key -> {
      Object value = get(field, key);
      if (value == null) {
        return null;
      }
      if (typeOf(value) != declared) {
        throw new IllegalArgumentException(
            "%s is a %s; it must be a %s"
                .formatted(subject, typeOf(value).getName(), declared.getName()));
      }
      return encoder.encode(value);
    };
  }

  /** The field: an accessor may return something that {@code equals} does not compare. */
  private static Field accessibleField(RecordComponent component) {
    Class<?> type = component.getDeclaringRecord();
    try {
      Field field = type.getDeclaredField(component.getName());
      field.setAccessible(true);
      return field;
    } catch (InaccessibleObjectException e) {
      throw new IllegalArgumentException(
          "%s is not accessible; open %s to io.tidemark.core, or use KeyEncoder.ofFields"
              .formatted(type.getName(), type.getPackageName()),
          e);
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("every component of a record has a field", e);
    }
  }

  private static @Nullable Object get(Field field, Object key) {
    try {
      return field.get(key);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " was made accessible", e);
    }
  }
}
