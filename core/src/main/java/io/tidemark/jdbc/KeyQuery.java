package io.tidemark.jdbc;

import io.tidemark.Row;
import io.tidemark.spi.SlotKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A query that selects at most one row by a key. Immutable and thread-safe.
 *
 * @param <K> the type of the keys
 */
final class KeyQuery<K> {
  final String sql;

  /** How error messages call it. */
  private final String name;

  /** Null if the key is the only parameter. */
  private final @Nullable Parameters<? super K> parameters;

  private final int timeoutSeconds;

  KeyQuery(
      String sql, String name, @Nullable Parameters<? super K> parameters, int timeoutSeconds) {
    this.sql = sql;
    this.name = name;
    this.parameters = parameters;
    this.timeoutSeconds = timeoutSeconds;
  }

  /** Makes a row from the current row of a result; error messages begin with the subject. */
  @FunctionalInterface
  interface RowReader<V> {
    Row<V> read(ResultSet result, String subject) throws SQLException;
  }

  static String subject(Object key) {
    return "key " + SlotKey.printable(String.valueOf(key)) + ": ";
  }

  boolean keyIsOnlyParameter() {
    return parameters == null;
  }

  <V> Row<V> read(Connection connection, K key, RowReader<V> rowReader) throws SQLException {
    // Two rows are enough to see that there is more than one.
    try (PreparedStatement statement = prepare(connection, sql, 2);
        ResultSet result = execute(statement, key)) {
      if (!result.next()) {
        return Row.absent();
      }
      Row<V> row = rowReader.read(result, subject(key));
      if (result.next()) {
        throw moreThanOneRow(key);
      }
      return row;
    }
  }

  /** Prepares a statement with the time limit of this query. */
  PreparedStatement prepare(Connection connection, String anySql, int maxRows) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(anySql);
    try {
      statement.setMaxRows(maxRows);
      if (timeoutSeconds > 0) {
        statement.setQueryTimeout(timeoutSeconds);
      }
      return statement;
    } catch (Throwable failure) {
      try {
        statement.close();
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
  }

  /** What {@link #read} would set for this key. */
  RecordedParameters record(Connection connection, K key) throws SQLException {
    if (parameters != null) {
      return RecordedParameters.of(connection, parameters, key);
    }
    Statements.checkIsValue(name, key);
    return RecordedParameters.of(
        connection, (statement, value) -> statement.setObject(1, value), key);
  }

  /** Runs the query to see the types of its columns. */
  ColumnTypes columnTypes(Connection connection, K key) throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, 1);
        ResultSet result = execute(statement, key)) {
      return ColumnTypes.of(result.getMetaData());
    }
  }

  IllegalStateException moreThanOneRow(K key) {
    return new IllegalStateException(
        subject(key) + name + " returned more than one row; a key must select at most one");
  }

  private ResultSet execute(PreparedStatement statement, K key) throws SQLException {
    if (parameters != null) {
      parameters.set(statement, key);
      return statement.executeQuery();
    }
    Statements.checkIsValue(name, key);
    try {
      statement.setObject(1, key);
    } catch (SQLException e) {
      throw Statements.explained(e, true, statement, name, key);
    }
    try {
      return statement.executeQuery();
    } catch (SQLException e) {
      throw Statements.explained(e, false, statement, name, key);
    }
  }
}
