package io.tidemark.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The parameters that {@link Parameters} set for one key, to set them again at other places of
 * another statement. Not thread-safe.
 */
final class RecordedParameters {
  /** The setters that say no more than the value. */
  private static final Set<String> PLAIN_SETTERS =
      Set.of(
          "setLong", "setInt", "setShort", "setString", "setBoolean", "setBigDecimal", "setObject");

  /**
   * PostgreSQL's type of an array of each class. Its driver gives a single parameter the same type,
   * so that the same operators are found.
   */
  private static final Map<Class<?>, String> ARRAY_TYPES =
      Map.of(
          Long.class, "int8",
          Integer.class, "int4",
          Short.class, "int2",
          String.class, "varchar",
          Boolean.class, "bool",
          BigDecimal.class, "numeric",
          UUID.class, "uuid");

  private final Map<Integer, Setting> settings = new HashMap<>();

  private RecordedParameters() {}

  /**
   * Runs the function on a statement that only records.
   *
   * @throws SQLFeatureNotSupportedException if the function does more than set parameters, or sets
   *     one that can be read only once
   */
  static <K> RecordedParameters of(Connection connection, Parameters<? super K> parameters, K key)
      throws SQLException {
    RecordedParameters recorded = new RecordedParameters();
    PreparedStatement recorder =
        (PreparedStatement)
            Proxy.newProxyInstance(
                PreparedStatement.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (proxy, method, arguments) -> recorded.called(connection, method, arguments));
    parameters.set(recorder, key);
    return recorded;
  }

  /** How many parameters the statement has, if all were set. */
  int count() {
    return settings.keySet().stream().mapToInt(index -> index).max().orElse(0);
  }

  /** The type of PostgreSQL for an array of this parameter; null if it needs its own setter. */
  @Nullable String arrayType(int index) {
    Setting setting = settings.get(index);
    return setting == null || setting.value() == null
        ? null
        : ARRAY_TYPES.get(setting.value().getClass());
  }

  Object value(int index) {
    return Objects.requireNonNull(Objects.requireNonNull(settings.get(index)).value());
  }

  /** Sets the same parameters, each at its index plus the offset. */
  void replay(PreparedStatement statement, int offset) throws SQLException {
    for (Map.Entry<Integer, Setting> setting : settings.entrySet()) {
      Object[] arguments = setting.getValue().arguments().toArray();
      arguments[0] = setting.getKey() + offset;
      invoke(setting.getValue().setter(), statement, arguments);
    }
  }

  private @Nullable Object called(
      Connection connection, Method method, Object @Nullable [] arguments) throws SQLException {
    if (method.getName().equals("getConnection")) {
      return connection;
    }
    if (arguments == null
        || arguments.length < 2
        || !(arguments[0] instanceof Integer index)
        || !method.getName().startsWith("set")
        || method.getName().endsWith("Stream")) {
      throw new SQLFeatureNotSupportedException(
          "parameters() call %s(), which cannot be repeated for several keys"
              .formatted(method.getName()),
          "0A000");
    }
    settings.put(index, new Setting(method, Arrays.asList(arguments)));
    return null;
  }

  static @Nullable Object invoke(Method method, Object target, Object @Nullable [] arguments)
      throws SQLException {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof SQLException sql) {
        throw sql;
      }
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One call of a setter. */
  private record Setting(Method setter, List<Object> arguments) {
    /** The value, if it is not null and the setter says nothing else. */
    @Nullable Object value() {
      return arguments.size() == 2 && PLAIN_SETTERS.contains(setter.getName())
          ? arguments.get(1)
          : null;
    }
  }
}
