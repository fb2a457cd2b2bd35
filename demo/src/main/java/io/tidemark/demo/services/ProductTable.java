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

/** The tables that the demo caches. */
public final class ProductTable {
  private ProductTable() {}

  /** Creates the table, its version trigger, its products and the counter of reads. Repeatable. */
  static void createIfMissing(String jdbcUrl) throws IOException, SQLException {
    create(jdbcUrl, "product", "product.sql");
  }

  /** Creates the copy of it that the rivals cache, likewise. The table itself must be there. */
  public static void createForRivals(String jdbcUrl) throws IOException, SQLException {
    create(jdbcUrl, "rival_product", "rival-product.sql");
  }

  private static void create(String jdbcUrl, String table, String script)
      throws IOException, SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(sql(script));
      statement.execute(PostgresVersions.triggerSql(table, "updated_at"));
    }
  }

  private static String sql(String script) throws IOException {
    try (InputStream in = ProductTable.class.getResourceAsStream(script)) {
      return new String(Objects.requireNonNull(in, script).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
