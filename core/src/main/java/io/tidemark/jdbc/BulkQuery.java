package io.tidemark.jdbc;

import io.tidemark.Row;
import io.tidemark.jdbc.KeyQuery.RowReader;
import io.tidemark.spi.Finding;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link KeyQuery} for several keys at once, in the first of three forms that the database
 * takes: with arrays, as a union, or one key after the other. Thread-safe.
 *
 * @param <K> the type of the keys
 */
final class BulkQuery<K> {
  /**
   * How often a union repeats the query. Few sizes mean few statements for a driver, a pool or a
   * database to keep; beyond the largest one, planning costs more than another round trip.
   */
  private static final int[] UNION_SIZES = {4, 16, 64};

  final KeyQuery<K> one;

  /** The form to begin with; null until the database has accepted or refused one. */
  private volatile @Nullable Form form;

  /** The types of the query's columns where it is no part of a union; null until asked for. */
  private volatile @Nullable ColumnTypes columnTypes;

  BulkQuery(KeyQuery<K> one) {
    this.one = one;
  }

  private enum Form {
    ARRAYS,
    UNION,
    ONE_BY_ONE;

    static Form bestOf(Connection connection) throws SQLException {
      return switch (connection.getMetaData().getDatabaseProductName()) {
        case Connections.POSTGRESQL -> ARRAYS;
        // In its own process a statement costs less than a part of a union.
        case "H2" -> ONE_BY_ONE;
        default -> UNION;
      };
    }

    Form next() {
      return this == ARRAYS ? UNION : ONE_BY_ONE;
    }
  }

  /**
   * Reads the rows of several keys.
   *
   * @param keys keys that differ; those without a row are not in the answer
   */
  <V> Map<K, Row<V>> read(Connection connection, List<K> keys, RowReader<V> rowReader)
      throws SQLException {
    if (keys.size() == 1) {
      return oneByOne(connection, keys, rowReader);
    }
    Form first = form;
    Form tried = first == null ? Form.bestOf(connection) : first;
    while (true) {
      try {
        Map<K, Row<V>> rows = read(tried, connection, keys, rowReader);
        form = tried;
        return rows;
      } catch (SQLException e) {
        if (tried == Form.ONE_BY_ONE || !isRefusal(e)) {
          throw e;
        }
        undo(connection);
        tried = tried.next();
      }
    }
  }

  /**
   * Whether the database takes the query in another form than one by one, without running it.
   *
   * @param statement the query for one key
   */
  List<Finding> check(Connection connection, String option, PreparedStatement statement)
      throws SQLException {
    int count = Statements.parameterCount(statement);
    SQLException refusal = null;
    for (Form tried = Form.bestOf(connection);
        count > 0 && tried != Form.ONE_BY_ONE;
        tried = tried.next()) {
      String sql =
          tried == Form.ARRAYS
              ? BulkSql.ofArrays(one.sql, types(statement.getParameterMetaData(), count))
              : BulkSql.ofUnion(one.sql, UNION_SIZES[0]);
      if (sql == null) {
        continue;
      }
      try (PreparedStatement bulk = connection.prepareStatement(sql)) {
        bulk.getMetaData();
        return List.of();
      } catch (SQLException e) {
        if (!isRefusal(e)) {
          throw e;
        }
        undo(connection);
        refusal = e;
      }
    }
    return refusal == null
        ? List.of()
        : List.of(
            Finding.warning(
                option,
                "cannot be part of a statement for several keys: " + refusal.getMessage(),
                "reads of many keys need a statement for each key: change it so that it can be in"
                    + " parentheses in a \"from\""));
  }

  private <V> Map<K, Row<V>> read(
      Form how, Connection connection, List<K> keys, RowReader<V> rowReader) throws SQLException {
    if (how == Form.ONE_BY_ONE) {
      return oneByOne(connection, keys, rowReader);
    }
    List<RecordedParameters> parameters = new ArrayList<>();
    for (K key : keys) {
      parameters.add(one.record(connection, key));
    }
    if (how == Form.ARRAYS) {
      List<String> types = arrayTypes(parameters);
      String sql = types == null ? null : BulkSql.ofArrays(one.sql, types);
      if (types != null && sql != null) {
        return byArrays(connection, sql, types, new Batch<>(keys, parameters), rowReader);
      }
    }
    return byUnions(connection, new Batch<>(keys, parameters), rowReader);
  }

  private <V> Map<K, Row<V>> oneByOne(Connection connection, List<K> keys, RowReader<V> rowReader)
      throws SQLException {
    Map<K, Row<V>> rows = new HashMap<>();
    for (K key : keys) {
      Row<V> row = one.read(connection, key, rowReader);
      if (!row.equals(Row.absent())) {
        rows.put(key, row);
      }
    }
    return rows;
  }

  private <V> Map<K, Row<V>> byArrays(
      Connection connection, String sql, List<String> types, Batch<K> batch, RowReader<V> rowReader)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, batch)) {
      for (int i = 1; i <= types.size(); i++) {
        int index = i;
        Object[] values = batch.parameters.stream().map(each -> each.value(index)).toArray();
        statement.setArray(i, connection.createArrayOf(types.get(i - 1), values));
      }
      return rows(statement, batch.keys, rowReader, null);
    }
  }

  private <V> Map<K, Row<V>> byUnions(Connection connection, Batch<K> batch, RowReader<V> rowReader)
      throws SQLException {
    ColumnTypes types = columnTypes;
    if (types == null) {
      types = one.columnTypes(connection, batch.keys.get(0));
      columnTypes = types;
    }
    Map<K, Row<V>> rows = new HashMap<>();
    int largest = UNION_SIZES[UNION_SIZES.length - 1];
    for (int from = 0; from < batch.keys.size(); from += largest) {
      Batch<K> part = batch.part(from, Math.min(batch.keys.size(), from + largest));
      rows.putAll(byUnion(connection, part, rowReader, types));
    }
    return rows;
  }

  private <V> Map<K, Row<V>> byUnion(
      Connection connection, Batch<K> batch, RowReader<V> rowReader, ColumnTypes types)
      throws SQLException {
    int count = batch.keys.size();
    int size = unionSize(count);
    try (PreparedStatement statement = prepare(connection, BulkSql.ofUnion(one.sql, size), batch)) {
      int offset = 0;
      for (int i = 0; i < size; i++) {
        RecordedParameters parameters = batch.parameters.get(Math.min(i, count - 1));
        parameters.replay(statement, offset);
        offset += parameters.count() + 1;
        statement.setInt(offset, count);
      }
      return rows(statement, batch.keys, rowReader, types);
    }
  }

  /** One row more than there are keys is enough to see that a key has two. */
  private PreparedStatement prepare(Connection connection, String sql, Batch<K> batch)
      throws SQLException {
    return one.prepare(connection, sql, batch.keys.size() + 1);
  }

  private <V> Map<K, Row<V>> rows(
      PreparedStatement statement,
      List<K> keys,
      RowReader<V> rowReader,
      @Nullable ColumnTypes expectedTypes)
      throws SQLException {
    Map<K, Row<V>> rows = new HashMap<>();
    try (ResultSet result = statement.executeQuery()) {
      ResultSetMetaData columns = result.getMetaData();
      int keyColumn = columns.getColumnCount();
      ResultSet currentRow =
          CurrentRow.of(
              result,
              expectedTypes == null ? Set.of() : expectedTypes.changedIn(ColumnTypes.of(columns)));
      while (result.next()) {
        K key = keys.get(result.getInt(keyColumn) - 1);
        if (rows.put(key, rowReader.read(currentRow, KeyQuery.subject(key))) != null) {
          throw one.moreThanOneRow(key);
        }
      }
    }
    return rows;
  }

  private static int unionSize(int count) {
    int i = 0;
    while (UNION_SIZES[i] < count) {
      i++;
    }
    return UNION_SIZES[i];
  }

  /** The types of the arrays; null if a parameter cannot be in one. */
  private static @Nullable List<String> arrayTypes(List<RecordedParameters> parameters) {
    List<String> types = new ArrayList<>();
    int count = parameters.get(0).count();
    for (int i = 1; i <= count; i++) {
      String type = parameters.get(0).arrayType(i);
      int index = i;
      if (type == null
          || !parameters.stream()
              .allMatch(each -> each.count() == count && type.equals(each.arrayType(index)))) {
        return null;
      }
      types.add(type);
    }
    return types;
  }

  private static List<String> types(ParameterMetaData parameters, int count) throws SQLException {
    List<String> types = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      types.add(parameters.getParameterTypeName(i));
    }
    return types;
  }

  /** Whether another form may do: it is not understood, not supported, or too large. */
  private static boolean isRefusal(SQLException e) {
    String state = e.getSQLState();
    return Statements.isRefusal(e)
        || (state != null && (state.startsWith("0A") || state.startsWith("54")));
  }

  /** After a refusal, PostgreSQL runs nothing more in the same transaction. */
  private static void undo(Connection connection) throws SQLException {
    if (!connection.getAutoCommit()) {
      connection.rollback();
    }
  }

  /** Keys, and the parameters of each. */
  private record Batch<K>(List<K> keys, List<RecordedParameters> parameters) {
    Batch<K> part(int from, int to) {
      return new Batch<>(keys.subList(from, to), parameters.subList(from, to));
    }
  }
}
