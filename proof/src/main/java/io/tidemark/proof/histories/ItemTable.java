package io.tidemark.proof.histories;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;

import io.tidemark.BulkSource;
import io.tidemark.Row;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.jdbc.JdbcSourceBuilder;
import io.tidemark.jdbc.PostgresVersions;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * The rows that the workers share, in PostgreSQL, with the version trigger that the product ships,
 * and beside them a record of every commit. Thread-safe.
 *
 * <p>A transaction names its operation, and a trigger records each change under the row's lock, so
 * that the record has the commits of a row in their order, and what was rolled back not at all.
 */
final class ItemTable {
  /** What the keys begin with whose rows are in a table of coarse versions. */
  static final String COARSE = "coarse-";

  private final DataSource dataSource;
  private final Map<String, JdbcSource<String, String>> sources = new HashMap<>();

  ItemTable(DataSource dataSource) {
    this.dataSource = dataSource;
    for (String table : List.of("item", "item_replica")) {
      sources.put(table, builder(dataSource, table).versionTimestamp("updated_at").build());
    }
    for (String table : List.of("coarse_item", "coarse_item_replica")) {
      sources.put(table, builder(dataSource, table).versionNumber("version").build());
    }
  }

  private static JdbcSourceBuilder<String, String> builder(DataSource dataSource, String table) {
    return JdbcSource.<String, String>builder(dataSource)
        .query("select * from " + table + " where id = ?")
        .rowMapper(row -> row.getString("payload"));
  }

  /** Creates the tables and their triggers in an empty database. */
  static void create(String jdbcUrl) throws IOException, SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        InputStream sql = ItemTable.class.getResourceAsStream("item.sql")) {
      statement.execute(new String(Objects.requireNonNull(sql, "item.sql").readAllBytes(), UTF_8));
      statement.execute(PostgresVersions.triggerSql("item", "updated_at"));
    }
  }

  /** Every commit, those of one key in their order. */
  static List<RecordedCommit> commits(String jdbcUrl) throws SQLException {
    List<RecordedCommit> commits = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select operation, id, version, payload from change order by number")) {
      while (row.next()) {
        commits.add(
            new RecordedCommit(
                row.getString("operation"),
                row.getString("id"),
                row.getLong("version"),
                row.getString("payload")));
      }
    }
    return commits;
  }

  /** The rows as a cache loads them. */
  BulkSource<String, String> source() {
    return rows("");
  }

  /** The rows as {@link #replicate} last copied them. */
  BulkSource<String, String> replica() {
    return rows("_replica");
  }

  private BulkSource<String, String> rows(String suffix) {
    return BulkSource.of(
        key -> source(table(key) + suffix).load(key),
        keys -> {
          Map<String, List<String>> keysOfTables =
              keys.stream().collect(groupingBy(ItemTable::table));
          Map<String, Row<String>> rows = new HashMap<>();
          for (Map.Entry<String, List<String>> each : keysOfTables.entrySet()) {
            rows.putAll(source(each.getKey() + suffix).loadAll(each.getValue()));
          }
          return rows;
        });
  }

  /** Copies a row, or its absence, to the replica. */
  static void replicate(String jdbcUrl, String key) throws SQLException {
    String table = table(key);
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        PreparedStatement delete =
            connection.prepareStatement("delete from " + table + "_replica where id = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into " + table + "_replica select * from " + table + " where id = ?")) {
      delete.setString(1, key);
      delete.executeUpdate();
      insert.setString(1, key);
      insert.executeUpdate();
    }
  }

  private static String table(String key) {
    return key.startsWith(COARSE) ? "coarse_item" : "item";
  }

  private JdbcSource<String, String> source(String table) {
    return Objects.requireNonNull(sources.get(table), table);
  }

  /** A transaction of one change or several. */
  Transaction begin() throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      connection.setAutoCommit(false);
      return new Transaction(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** One transaction; rolled back unless it was committed. For one thread. */
  final class Transaction implements AutoCloseable {
    private final Connection connection;

    private Transaction(Connection connection) {
      this.connection = connection;
    }

    /**
     * Names the operation, and takes the row's place in the order of writers even where there is no
     * row: an insert that waits for a deletion to commit has been stamped before it waits, and
     * would be stamped lower than the deletion.
     */
    private void announce(String operation, String key) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "select set_config('proof.operation', ?, true),"
                  + " pg_advisory_xact_lock(hashtext(?))")) {
        statement.setString(1, operation);
        statement.setString(2, key);
        statement.execute();
      }
    }

    /** Inserts or updates the row; its payload is the operation's name. */
    Row<String> write(String operation, String key) throws SQLException {
      announce(operation, key);
      try (PreparedStatement statement =
          connection.prepareStatement(
              "insert into "
                  + table(key)
                  + " (id, payload) values (?, ?) on conflict (id)"
                  + " do update set payload = excluded.payload returning *")) {
        statement.setString(1, key);
        statement.setString(2, operation);
        try (ResultSet result = statement.executeQuery()) {
          result.next();
          return source(table(key)).row(result);
        }
      }
    }

    /** Deletes the row. Returns the deletion with its version; an absence if there was no row. */
    Row<String> delete(String operation, String key) throws SQLException {
      announce(operation, key);
      try (PreparedStatement statement =
          connection.prepareStatement("delete from " + table(key) + " where id = ?")) {
        statement.setString(1, key);
        if (statement.executeUpdate() == 0) {
          return Row.absent();
        }
      }
      try (PreparedStatement statement =
          connection.prepareStatement("select version from change where operation = ?")) {
        statement.setString(1, operation);
        try (ResultSet result = statement.executeQuery()) {
          result.next();
          return Row.deleted(result.getLong("version"));
        }
      }
    }

    void commit() throws SQLException {
      connection.commit();
    }

    /** Rolls back what was not committed. */
    @Override
    public void close() throws SQLException {
      try (connection) {
        connection.rollback();
      }
    }
  }
}
