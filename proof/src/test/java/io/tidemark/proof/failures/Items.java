package io.tidemark.proof.failures;

import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.jdbc.PostgresVersions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The rows that the tests cache, in PostgreSQL with the product's version trigger. Thread-safe. */
final class Items {
  static final String CACHE = "failures";

  private final DataSource dataSource;
  private final JdbcSource<String, String> source;

  Items(DataSource dataSource) {
    this.dataSource = dataSource;
    this.source =
        JdbcSource.<String, String>builder(dataSource)
            .query("select * from item where id = ?")
            .rowMapper(row -> row.getString("payload"))
            .versionTimestamp("updated_at")
            .build();
  }

  static void create(String jdbcUrl) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create table item (id text primary key, payload text not null, updated_at timestamptz)");
      statement.execute(PostgresVersions.triggerSql("item", "updated_at"));
    }
  }

  Source<String, String> source() {
    return source;
  }

  /** Commits a row, new or not. */
  Row<String> write(String key, String payload) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return write(connection, key, payload);
    }
  }

  /** What is committed. */
  String read(String key) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select payload from item where id = ?")) {
      statement.setString(1, key);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        return result.getString("payload");
      }
    }
  }

  private Row<String> write(Connection connection, String key, String payload) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into item (id, payload) values (?, ?)"
                + " on conflict (id) do update set payload = excluded.payload returning *")) {
      statement.setString(1, key);
      statement.setString(2, payload);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        return source.row(result);
      }
    }
  }
}
