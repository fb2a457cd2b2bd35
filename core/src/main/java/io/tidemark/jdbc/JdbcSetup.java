package io.tidemark.jdbc;

import io.tidemark.spi.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds mistakes in the set-up of a source. Not thread-safe; uses one connection. */
final class JdbcSetup {
  private static final String POOL = "JDBC connections";

  private final Connection connection;
  private final VersionColumn versionColumn;
  private final List<Finding> findings = new ArrayList<>();

  JdbcSetup(Connection connection, VersionColumn versionColumn) {
    this.connection = connection;
    this.versionColumn = versionColumn;
  }

  static Finding notAsked(String subject, SQLException e) {
    return Finding.warning(subject, "could not be asked: " + e.getMessage(), "look at it");
  }

  /** Returns all findings. */
  List<Finding> check(BulkQuery<?> query, @Nullable BulkQuery<?> tombstoneQuery) {
    try {
      checkConnection();
      VersionOrigin origin = checkQuery("query", query);
      if (tombstoneQuery != null) {
        checkQuery("tombstoneQuery", tombstoneQuery);
      }
      if (origin != null) {
        findings.addAll(GrowthCheck.check(connection, origin));
      }
    } catch (SQLException e) {
      findings.add(notAsked("JDBC source", e));
    }
    return findings;
  }

  private void checkConnection() throws SQLException {
    if (Connections.readsUncommitted(connection)) {
      findings.add(
          Connections.isHarmless(connection)
              ? Finding.warning(
                  POOL,
                  "are at READ UNCOMMITTED, which this database reads as READ COMMITTED",
                  "set READ COMMITTED, which is right on other databases as well")
              : Finding.error(
                  POOL,
                  "are at READ UNCOMMITTED: rows that are rolled back would be cached",
                  "set READ COMMITTED or higher"));
    }
    if (!connection.getAutoCommit()) {
      findings.add(
          Finding.warning(
              POOL,
              "have autocommit off: each load needs another round trip to end its transaction, and"
                  + " a connection with an open transaction reads an old snapshot",
              "set autocommit on for the source's pool"));
    }
  }

  /** Returns where the version comes from, or null if that is not known. */
  private @Nullable VersionOrigin checkQuery(String option, BulkQuery<?> query)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query.one.sql)) {
      ResultSetMetaData columns = statement.getMetaData();
      if (columns == null) {
        findings.add(
            Finding.warning(
                option, "cannot be described by the driver before it runs", "check it yourself"));
        return null;
      }
      int parameters = query.one.keyIsOnlyParameter() ? Statements.parameterCount(statement) : 1;
      if (parameters >= 0 && parameters != 1) {
        findings.add(
            Finding.error(
                option,
                Statements.parameterFault(parameters),
                "every load fails: set parameters()"));
      }
      List<Finding> ofColumn = versionColumn.check(columns);
      findings.addAll(ofColumn);
      if (ofColumn.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR)) {
        return null;
      }
      VersionOrigin origin = VersionOrigin.of(columns, versionColumn.position(columns));
      if (parameters < 0 || parameters == 1) {
        findings.addAll(query.check(connection, option, statement));
      }
      return origin;
    } catch (SQLException e) {
      if (!Statements.isRefusal(e)) {
        throw e;
      }
      findings.add(
          Finding.error(
              option,
              "is refused by the database: " + e.getMessage(),
              "every load fails: correct it"));
      return null;
    }
  }
}
