package io.tidemark.demo.node;

import io.tidemark.Row;
import io.tidemark.jdbc.JdbcSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import javax.sql.DataSource;

/** The rows of the table. Each call is one statement and one transaction. Thread-safe. */
final class Products {
  /** A table of the same columns, which the rivals cache. */
  private static final String RIVALS_TABLE = "rival_product";

  private final DataSource database;
  private final String table;
  private final JdbcSource<Long, Product> source;

  /**
   * Prepares to read and write products in a database.
   *
   * @param queryTimeout as {@link io.tidemark.jdbc.JdbcSourceBuilder#queryTimeout}
   */
  Products(DataSource database, Duration queryTimeout) {
    this(database, queryTimeout, "product", "product_reads");
  }

  /** Prepares to read and write the rivals' copy of the products. */
  static Products ofRivals(DataSource database, Duration queryTimeout) {
    return new Products(database, queryTimeout, RIVALS_TABLE, "rival_product_reads");
  }

  /** Prepares to read that copy without a count for the rivals. */
  static Products ofNobody(DataSource database, Duration queryTimeout) {
    return new Products(database, queryTimeout, RIVALS_TABLE, "unprotected_reads");
  }

  private Products(DataSource database, Duration queryTimeout, String table, String readsSequence) {
    this.database = database;
    this.table = table;
    this.source =
        JdbcSource.<Long, Product>builder(database)
            // Each row takes a number, so that the database itself counts what reaches it.
            .query(
                "select id, name, price, stock, updated_at, nextval('%s') from %s where id = ?"
                    .formatted(readsSequence, table))
            .rowMapper(Products::product)
            .versionTimestamp("updated_at")
            .queryTimeout(queryTimeout)
            .build();
  }

  JdbcSource<Long, Product> source() {
    return source;
  }

  Row<Product> load(long id) throws SQLException {
    return source.load(id);
  }

  /** Changes a product; absent if there is none. */
  Row<Product> update(long id, ProductFields fields) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                ("update %s set name = ?, price = ?, stock = ? where id = ?"
                        + " returning id, name, price, stock, updated_at")
                    .formatted(table))) {
      statement.setString(1, fields.name());
      statement.setBigDecimal(2, fields.price());
      statement.setInt(3, fields.stock());
      statement.setLong(4, id);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? source.row(result) : Row.absent();
      }
    }
  }

  /**
   * Deletes a product.
   *
   * @return the deletion, with a version above the product's and below that of a product inserted
   *     later; without a version if there was no product
   */
  Row<Product> delete(long id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                ("delete from %s where id = ? returning (extract(epoch from"
                        + " greatest(clock_timestamp(), updated_at + interval '1 microsecond'))"
                        + " * 1000000)::bigint")
                    .formatted(table))) {
      statement.setLong(1, id);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? Row.deleted(result.getLong(1)) : Row.absent();
      }
    }
  }

  private static Product product(ResultSet row) throws SQLException {
    return new Product(
        row.getLong("id"),
        row.getString("name"),
        row.getBigDecimal("price"),
        row.getInt("stock"),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}
