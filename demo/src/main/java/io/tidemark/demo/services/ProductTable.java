package io.tidemark.demo.services;

import io.tidemark.jdbc.PostgresVersions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** The table that the demo caches. */
final class ProductTable {
  private ProductTable() {}

  /** Creates the table, its version trigger, its products and the counter of reads. Repeatable. */
  static void createIfMissing(String jdbcUrl) throws IOException, SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(sql());
      statement.execute(PostgresVersions.triggerSql("product", "updated_at"));
    }
  }

  private static String sql() throws IOException {
    try (InputStream in = ProductTable.class.getResourceAsStream("product.sql")) {
      return new String(
          Objects.requireNonNull(in, "product.sql").readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
