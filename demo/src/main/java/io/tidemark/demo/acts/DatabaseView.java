package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Product;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The launcher's own eyes on the database; what it reads here is not counted. Not thread-safe. */
final class DatabaseView implements AutoCloseable {
  private static final String VERSION = "(extract(epoch from updated_at) * 1000000)::bigint";

  private static final int ANSWER_SECONDS = 60;

  private final String jdbcUrl;
  private Connection connection;

  private DatabaseView(String jdbcUrl, Connection connection) {
    this.jdbcUrl = jdbcUrl;
    this.connection = connection;
  }

  static DatabaseView open(String jdbcUrl) throws SQLException {
    return new DatabaseView(jdbcUrl, DriverManager.getConnection(jdbcUrl));
  }

  /** The connection, or another if the database was stopped and started since. */
  private Connection connection() throws SQLException {
    if (!connection.isValid(ANSWER_SECONDS)) {
      connection.close();
      connection = DriverManager.getConnection(jdbcUrl);
    }
    return connection;
  }

  /** A row as it is. */
  record Row(Product product, long rowVersion) {}

  /** How many reads of products the database has counted since it was started. */
  long reads() throws SQLException {
    try (PreparedStatement statement =
            connection()
                .prepareStatement(
                    "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM product_reads");
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Which release of PostgreSQL it is. */
  String serverVersion() throws SQLException {
    return connection().getMetaData().getDatabaseProductVersion();
  }

  /** Reads a product. */
  Row row(long id) throws SQLException {
    try (PreparedStatement statement =
        connection()
            .prepareStatement(
                "SELECT id, name, price, stock, " + VERSION + " FROM product WHERE id = ?")) {
      statement.setLong(1, id);
      return only(statement);
    }
  }

  /** Gives a product a new price, past the cache. */
  Row update(long id, BigDecimal price) throws SQLException {
    try (PreparedStatement statement =
        connection()
            .prepareStatement(
                "UPDATE product SET price = ? WHERE id = ? RETURNING id, name, price, stock, "
                    + VERSION)) {
      statement.setBigDecimal(1, price);
      statement.setLong(2, id);
      return only(statement);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private static Row only(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      if (!rows.next()) {
        throw new SQLException("there is no such product: " + statement);
      }
      Product product =
          new Product(rows.getLong(1), rows.getString(2), rows.getBigDecimal(3), rows.getInt(4));
      return new Row(product, rows.getLong(5));
    }
  }
}
