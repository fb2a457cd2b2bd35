package io.tidemark.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/**
 * Which column of which table a query's version is, as the driver tells it. Each part is empty
 * where the driver does not tell; the table is, where the version is computed.
 */
record VersionOrigin(String schema, String table, String column) {

  static VersionOrigin of(ResultSetMetaData columns, int column) throws SQLException {
    String schema = orEmpty(columns.getSchemaName(column));
    String catalog = orEmpty(columns.getCatalogName(column));
    String name = orEmpty(columns.getColumnName(column));
    String label = name.isEmpty() ? orEmpty(columns.getColumnLabel(column)) : name;
    // PostgreSQL's driver says these by methods of its own only.
    return new VersionOrigin(
        base(columns, "getBaseSchemaName", column, schema.isEmpty() ? catalog : schema),
        orEmpty(columns.getTableName(column)),
        base(columns, "getBaseColumnName", column, label));
  }

  private static String base(
      ResultSetMetaData columns, String method, int column, String otherwise) {
    try {
      // Empty for what is computed.
      return columns.getClass().getMethod(method, int.class).invoke(columns, column)
                  instanceof String name
              && !name.isEmpty()
          ? name
          : otherwise;
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      return otherwise;
    }
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
