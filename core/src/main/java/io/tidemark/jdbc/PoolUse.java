package io.tidemark.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * How many connections of a pool are in use. JDBC has no method for it, so this class calls the
 * methods of each known pool; they do not block.
 *
 * @param inUse how many connections are taken
 * @param most how many there may be; zero or less if there is no limit
 */
record PoolUse(int inUse, int most) {

  /** The use of a data source's pool; empty if it is not known. */
  static Optional<PoolUse> of(DataSource dataSource) {
    return hikari(dataSource)
        .or(() -> asked(dataSource, "getNumActive", "getMaxTotal")) // Commons DBCP
        .or(() -> asked(dataSource, "getActive", "getMaxActive")); // Tomcat
  }

  boolean isUsedUp() {
    return most > 0 && inUse >= most;
  }

  @Override
  public String toString() {
    return "%d of %s are in use".formatted(inUse, most > 0 ? most : "any number");
  }

  private static Optional<PoolUse> hikari(DataSource dataSource) {
    Method figures = method(dataSource.getClass(), "getHikariPoolMXBean");
    // Null until the first connection was requested.
    Object pool = figures == null ? null : call(figures, dataSource);
    return figures == null || pool == null
        ? Optional.empty()
        : of(
            number(figures.getReturnType(), pool, "getActiveConnections"),
            number(dataSource.getClass(), dataSource, "getMaximumPoolSize"));
  }

  private static Optional<PoolUse> asked(DataSource dataSource, String inUse, String most) {
    Class<?> type = dataSource.getClass();
    return of(number(type, dataSource, inUse), number(type, dataSource, most));
  }

  private static Optional<PoolUse> of(@Nullable Integer inUse, @Nullable Integer most) {
    return inUse == null || most == null ? Optional.empty() : Optional.of(new PoolUse(inUse, most));
  }

  private static @Nullable Integer number(Class<?> type, Object target, String name) {
    Method method = method(type, name);
    return method != null && call(method, target) instanceof Integer number ? number : null;
  }

  private static @Nullable Method method(Class<?> type, String name) {
    try {
      return type.getMethod(name);
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  private static @Nullable Object call(Method method, Object target) {
    try {
      return method.invoke(target);
    } catch (IllegalAccessException | InvocationTargetException e) {
      return null;
    }
  }
}
