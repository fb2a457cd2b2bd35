package io.tidemark.bench.answers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.bench.contestants.Item;
import io.tidemark.servers.PostgresProgram;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** The items in PostgreSQL, whose versions are counted under the lock of the row. Thread-safe. */
final class ItemTable implements AutoCloseable {
  private static final int BYTES = 100;

  /** What only a hang can miss. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final HikariDataSource database;

  /** The table as it is at a port of 127.0.0.1, for so many callers at once. */
  ItemTable(int port, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(PostgresProgram.jdbcUrl(port));
    config.setMaximumPoolSize(connections);
    config.setConnectionTimeout(PATIENCE.toMillis());
    this.database = new HikariDataSource(config);
  }

  /** Makes the table, with items of version 1. */
  static void create(int port, int items) throws SQLException {
    try (Connection connection = DriverManager.getConnection(PostgresProgram.jdbcUrl(port));
        Statement statement = connection.createStatement()) {
      statement.execute("create table item (id int primary key, version bigint not null)");
      statement.execute(
          "insert into item select n, 1 from generate_series(0, %d) n".formatted(items - 1));
    }
  }

  Item load(int id) throws SQLException {
    return versioned("select version from item where id = ?", id);
  }

  /** Changes the row, and returns it when that is committed. */
  Item change(int id) throws SQLException {
    return versioned("update item set version = version + 1 where id = ? returning version", id);
  }

  private Item versioned(String sql, int id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, id);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("there is no item " + id);
        }
        return Item.ofSize(id, row.getLong(1), BYTES);
      }
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
