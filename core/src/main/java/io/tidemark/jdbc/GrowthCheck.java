package io.tidemark.jdbc;

import static java.util.Map.entry;

import io.tidemark.spi.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Checks whether Tidemark's SQL makes a version grow with every change of its row. */
final class GrowthCheck {
  private static final String ADVICE =
      "install the SQL of %s, unless the column grows with every write, in the order of the"
          + " commits, by other means; now() does not";

  /** The class whose SQL to install, by the database's name. */
  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          entry(Connections.POSTGRESQL, "PostgresVersions"),
          entry("MariaDB", "MariaDbVersions"),
          entry("MySQL", "MariaDbVersions"),
          entry("H2", "H2Versions"));

  private GrowthCheck() {}

  static List<Finding> check(Connection connection, VersionOrigin origin) throws SQLException {
    String database = connection.getMetaData().getDatabaseProductName();
    String sql = CLASSES.get(database);
    if (sql == null) {
      return List.of();
    }
    if (origin.table().isEmpty()) {
      return List.of(
          Finding.warning(
              "column " + origin.column(),
              "is computed by the query, so that it is not known whether it grows",
              ADVICE.formatted(sql)));
    }
    String resource = "check-" + database.toLowerCase(Locale.ROOT).replace("mysql", "mariadb");
    try (PreparedStatement statement =
        connection.prepareStatement(SqlTemplate.read(resource + ".sql"))) {
      statement.setString(1, origin.schema());
      statement.setString(2, origin.table());
      statement.setString(3, origin.column());
      try (ResultSet problem = statement.executeQuery()) {
        return problem.next()
            ? List.of(
                Finding.warning(
                    "table " + origin.table(), problem.getString(1), ADVICE.formatted(sql)))
            : List.of();
      }
    }
  }
}
