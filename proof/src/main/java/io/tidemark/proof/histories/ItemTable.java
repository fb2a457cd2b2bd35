package io.tidemark.proof.histories;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.Row;
import io.tidemark.jdbc.JdbcSource;
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
import java.util.List;
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
  private static final String SOURCE_QUERY = "select payload, updated_at from item where id = ?";

  private final DataSource dataSource;
  private final JdbcSource<String, String> source;

  ItemTable(DataSource dataSource) {
    this.dataSource = dataSource;
    this.source =
        JdbcSource.<String, String>builder(dataSource)
            .query(SOURCE_QUERY)
            .rowMapper(row -> row.getString("payload"))
            .versionTimestamp("updated_at")
            .build();
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
  static List<Commit> commits(String jdbcUrl) throws SQLException {
    List<Commit> commits = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select operation, id, version, payload from change order by number")) {
      while (row.next()) {
        commits.add(
            new Commit(
                row.getString("operation"),
                row.getString("id"),
                row.getLong("version"),
                row.getString("payload")));
      }
    }
    return commits;
  }

  /** The rows as a cache loads them. */
  JdbcSource<String, String> source() {
    return source;
  }

  /** A transaction of one change. */
  Transaction begin(String operation, String key) throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      connection.setAutoCommit(false);
      Transaction transaction = new Transaction(connection, operation, key);
      transaction.announce();
      return transaction;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** One transaction of one change; rolled back unless it was committed. For one thread. */
  final class Transaction implements AutoCloseable {
    private final Connection connection;
    private final String operation;
    private final String key;

    private Transaction(Connection connection, String operation, String key) {
      this.connection = connection;
      this.operation = operation;
      this.key = key;
    }

    /**
     * Names the operation, and takes the row's place in the order of writers even where there is no
     * row: an insert that waits for a deletion to commit has been stamped before it waits, and
     * would be stamped lower than the deletion.
     */
    private void announce() throws SQLException {
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
    Row<String> write() throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "insert into item (id, payload) values (?, ?) on conflict (id)"
                  + " do update set payload = excluded.payload returning payload, updated_at")) {
        statement.setString(1, key);
        statement.setString(2, operation);
        try (ResultSet result = statement.executeQuery()) {
          result.next();
          return source.row(result);
        }
      }
    }

    /** Deletes the row. Returns the deletion with its version; an absence if there was no row. */
    Row<String> delete() throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("delete from item where id = ?")) {
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
