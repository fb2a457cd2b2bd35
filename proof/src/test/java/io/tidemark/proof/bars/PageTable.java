package io.tidemark.proof.bars;

import io.tidemark.jdbc.JdbcSource;
import io.tidemark.jdbc.PostgresVersions;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RestartableServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The rows that the caches read, under a role of their own, by which PostgreSQL tells their
 * statements from those of the tests.
 */
final class PageTable {
  static final int ROWS = 100_000;

  private static final String ROLE = "page_reader";

  private PageTable() {}

  /** Creates the table. */
  static void create(int port) throws SQLException {
    execute(
        port,
        "create role " + ROLE + " login",
        "create table page (number int primary key, title text not null, author text not null,"
            + " updated_at timestamptz)",
        PostgresVersions.triggerSql("page", "updated_at"),
        "grant select on page to " + ROLE,
        """
        insert into page
          select number, 'The title of page number ' || number || ' of 100000', 'An author, ' || number %% 7
          from generate_series(0, %d) number"""
            .formatted(ROWS - 1),
        "analyze page");
  }

  /** The database as a cache reads it. */
  static String jdbcUrl(int port) {
    return PostgresProgram.jdbcUrl(port).replace("user=postgres", "user=" + ROLE);
  }

  static JdbcSource<Integer, Page> source(DataSource dataSource) {
    return JdbcSource.<Integer, Page>builder(dataSource)
        .query("select * from page where number = ?")
        .rowMapper(
            row -> new Page(row.getInt("number"), row.getString("title"), row.getString("author")))
        .versionTimestamp("updated_at")
        .build();
  }

  /** Has a server count statements, for which it is restarted. */
  static void countStatements(RestartableServer server) throws Exception {
    execute(server.port(), "alter system set shared_preload_libraries = 'pg_stat_statements'");
    restart(server);
    execute(server.port(), "create extension pg_stat_statements");
  }

  private static void restart(RestartableServer server) throws Exception {
    try {
      server.stop();
    } catch (IOException e) {
      throw new IllegalStateException("PostgreSQL did not stop", e);
    }
    server.start();
  }

  /**
   * What PostgreSQL has counted.
   *
   * @param statements of every kind that the caches' role has sent, but for what the driver sets on
   *     a connection that the pool opens when it likes
   * @param rows that it was given
   */
  record Counted(long statements, long rows) {
    Counted since(Counted before) {
      return new Counted(statements - before.statements, rows - before.rows);
    }
  }

  /** What PostgreSQL has counted so far; a statement counts once it has ended. */
  static Counted counted(int port) throws SQLException {
    try (Connection connection = DriverManager.getConnection(PostgresProgram.jdbcUrl(port));
        Statement statement = connection.createStatement();
        ResultSet sums =
            statement.executeQuery(
                "select coalesce(sum(calls), 0), coalesce(sum(rows), 0) from pg_stat_statements"
                    + " where userid = '"
                    + ROLE
                    + "'::regrole and query not ilike 'set %'")) {
      sums.next();
      return new Counted(sums.getLong(1), sums.getLong(2));
    }
  }

  /** Keeps everybody from reading the table until the connection is closed. */
  static Connection hold(int port) throws SQLException {
    Connection connection = DriverManager.getConnection(PostgresProgram.jdbcUrl(port));
    try (Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table page in access exclusive mode");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static void execute(int port, String... commands) throws SQLException {
    try (Connection connection = DriverManager.getConnection(PostgresProgram.jdbcUrl(port));
        Statement statement = connection.createStatement()) {
      for (String command : commands) {
        statement.execute(command);
      }
    }
  }
}
