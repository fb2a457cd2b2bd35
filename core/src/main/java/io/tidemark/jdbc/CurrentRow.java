package io.tidemark.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link RowMapper} gets to see of a result that has rows of several keys: the row that it
 * is on, without the last column, which says whose row it is. Throws rather than show anything else
 * than the query for one key would.
 */
final class CurrentRow implements InvocationHandler {
  /** A mapper that reads on would mix the rows of two keys. */
  private static final Set<String> MOVES =
      Set.of(
          "next",
          "previous",
          "first",
          "last",
          "absolute",
          "relative",
          "beforeFirst",
          "afterLast",
          "moveToInsertRow",
          "close");

  /** Those whose answer depends on the type of the column. */
  private static final Set<String> UNTYPED_GETTERS = Set.of("getObject", "getString", "getNString");

  private final ResultSet result;
  private final ResultSetMetaData columns;
  private final Set<Integer> changedColumns;

  private CurrentRow(ResultSet result, ResultSetMetaData columns, Set<Integer> changedColumns) {
    this.result = result;
    this.columns = columns;
    this.changedColumns = changedColumns;
  }

  /**
   * Shows the row that the result is on whenever it is looked at.
   *
   * @param changedColumns the columns whose type is not that of the query for one key
   */
  static ResultSet of(ResultSet result, Set<Integer> changedColumns) throws SQLException {
    ResultSetMetaData all = result.getMetaData();
    int columnCount = all.getColumnCount() - 1;
    ResultSetMetaData columns =
        proxy(
            ResultSetMetaData.class,
            (proxy, method, arguments) ->
                method.getName().equals("getColumnCount")
                    ? columnCount
                    : RecordedParameters.invoke(method, all, arguments));
    return proxy(ResultSet.class, new CurrentRow(result, columns, changedColumns));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws SQLException {
    String name = method.getName();
    if (MOVES.contains(name)) {
      throw new SQLException(
          "a row mapper must not call %s(): the result has rows of other keys".formatted(name));
    }
    if (name.equals("getMetaData")) {
      return columns;
    }
    if (!changedColumns.isEmpty() && UNTYPED_GETTERS.contains(name) && arguments != null) {
      checkNotChanged(arguments);
    }
    return RecordedParameters.invoke(method, result, arguments);
  }

  private void checkNotChanged(Object[] arguments) throws SQLException {
    boolean typed = arguments.length == 2 && arguments[1] instanceof Class<?>;
    int column =
        arguments[0] instanceof Integer index ? index : result.findColumn((String) arguments[0]);
    if (!typed && changedColumns.contains(column)) {
      throw new SQLFeatureNotSupportedException(
          "column %s has another type in a union".formatted(arguments[0]), "0A000");
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
