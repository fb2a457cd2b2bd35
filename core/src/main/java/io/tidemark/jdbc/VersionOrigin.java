package io.tidemark.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/**
 * The table and column that a query's version comes from, as the driver reports them. A part that
 * the driver does not report is empty; the table is empty if the version is computed.
 */
record VersionOrigin(String schema, String table, String column) {

  static VersionOrigin of(ResultSetMetaData columns, int column) throws SQLException {
    String schema = orEmpty(columns.getSchemaName(column));
    String catalog = orEmpty(columns.getCatalogName(column));
    String name = orEmpty(columns.getColumnName(column));
    String label = name.isEmpty() ? orEmpty(columns.getColumnLabel(column)) : name;
    // PostgreSQL's driver has its own methods for these.
    return new VersionOrigin(
        base(columns, "getBaseSchemaName", column, schema.isEmpty() ? catalog : schema),
        orEmpty(columns.getTableName(column)),
        base(columns, "getBaseColumnName", column, label));
  }

  private static String base(
      ResultSetMetaData columns, String method, int column, String otherwise) {
    try {
      // Empty for a computed column.
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
