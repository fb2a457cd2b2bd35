package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tidemark.Row;
import io.tidemark.spi.Finding;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a source says of the database behind it, for each database that Tidemark brings SQL for. */
@ResourceLock(SharedPostgres.LOCK)
@ResourceLock(MariaDbServer.LOCK)
class JdbcCheckIT {
  private static final String QUERY = "select * from shop.good where id = ?";

  private DataSource database;

  @BeforeEach
  void createTables() throws SQLException {
    database = Databases.of(SharedPostgres::connect);
    execute(
        "create schema shop; set search_path = shop;"
            + "create table good (id bigint primary key, version timestamptz not null default"
            + " clock_timestamp());"
            + "create table bare (id bigint primary key, version timestamptz(3));"
            + "create table parent (id bigint primary key, version timestamptz not null);"
            + PostgresVersions.triggerSql("good", "version")
            + PostgresVersions.triggerSql("parent", "version")
            + "create table child () inherits (parent);"
            + "insert into good values (1)");
  }

  @AfterEach
  void dropTables() throws SQLException {
    execute("drop schema shop cascade");
  }

  @Test
  void check_everythingIsRight_findsNothing() {
    assertThat(source(QUERY).check()).isEmpty();
    assertThat(source("select g.version as \"Version\" from shop.good g where id = ?").check())
        .isEmpty();
  }

  @Test
  void check_unqualifiedTable_isTheOneOfTheSearchPath() throws SQLException {
    execute("create table public.good (id bigint primary key, version timestamptz not null)");
    try {
      assertThat(source("select * from good where id = ?").check()).hasSize(1);
      database = Databases.of(SharedPostgres::connect, connection -> connection.setSchema("shop"));
      assertThat(source("select * from good where id = ?").check()).isEmpty();
    } finally {
      execute("drop table public.good");
    }
  }

  @Test
  void check_autocommitOff_isReportedAndLeavesNoTransaction() {
    database = Databases.of(SharedPostgres::connect, connection -> connection.setAutoCommit(false));

    assertThat(source(QUERY).check())
        .singleElement()
        .satisfies(finding -> assertWarning(finding, "have autocommit off"));
  }

  @Test
  void check_readUncommitted_isOnlyWordsInPostgres() throws SQLException {
    database =
        Databases.of(
            SharedPostgres::connect,
            connection ->
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED));

    assertThat(source(QUERY).check())
        .singleElement()
        .satisfies(finding -> assertWarning(finding, "reads as READ COMMITTED"));
    assertThat(source(QUERY).load(1L)).isInstanceOf(Row.Present.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select id from shop.good where id = ? | column version | is not among the query's columns, id",
        "select a.*, b.* from shop.good a join shop.good b on a.id = b.id and a.id = ? | column"
            + " version | the query has it 2 times (columns 2 and 4)",
        "select id, id as version from shop.good where id = ? | column version | it is a int8",
        "select id, version::timestamp from shop.good where id = ? | column version | it is a"
            + " timestamp, not a timestamptz",
        "select * from shop.nowhere where id = ? | query | \"shop.nowhere\" does not exist",
        "select * from shop.good where id = ? and id > ? | query | has 2 parameters",
        "select * from shop.good | query | has 0 parameters"
      })
  void check_queryThatCannotLoad_isAnError(String query, String subject, String problem) {
    assertThat(source(query).check())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
              assertThat(finding.subject()).isEqualTo(subject);
              assertThat(finding.problem()).contains(problem);
            });
  }

  @Test
  void check_tombstoneQueryWithoutTheVersion_isAnError() {
    JdbcSource<Long, String> source =
        builder(QUERY)
            .tombstoneQuery("select id from shop.good where id = ?")
            .versionTimestamp("version")
            .build();

    assertThat(source.check())
        .extracting(Finding::severity)
        .containsExactly(Finding.Severity.ERROR);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select * from shop.bare where id = ? | keeps 3 digits, may be null, has no trigger of"
            + " Tidemark that makes column version grow",
        "select * from shop.parent where id = ? | has tables that inherit from it",
        "select id, greatest(version, now()) as version from shop.good where id = ? | is computed"
      })
  void check_versionThatMayNotGrow_isReported(String query, String problems) {
    assertThat(source(query).check())
        .extracting(Finding::problem)
        .hasSize(problems.split(", ").length)
        .asString()
        .contains(problems.split(", "));
  }

  @Test
  void check_versionIsComputed_isCalledAsTheQueryCallsIt() throws Exception {
    assertComputed(source("select id, now() as version from shop.good where id = ?"), "version");
    MariaDbServer server = MariaDbServer.shared();
    String query = "select 1 as id, 2 as version from dual where 1 = ?";
    for (ConcurrentUpdates.Connect connect :
        List.<ConcurrentUpdates.Connect>of(server::connect, server::connectByMySqlDriver)) {
      database = Databases.of(connect);
      assertComputed(numbered(query), "version");
    }
    database = Databases.of(() -> DriverManager.getConnection("jdbc:h2:mem:computed"));
    assertComputed(
        numbered("select 1 as id, cast(2 as bigint) as version from dual where 1 = ?"), "VERSION");
  }

  private static void assertComputed(JdbcSource<Long, ?> source, String column) {
    assertThat(source.check())
        .filteredOn(finding -> finding.problem().startsWith("is computed by the query"))
        .extracting(Finding::subject)
        .containsExactly("column " + column);
  }

  @Test
  void check_triggerSwitchedOff_isReported() throws SQLException {
    execute("alter table shop.good disable trigger all");

    assertThat(source(QUERY).check())
        .singleElement()
        .satisfies(finding -> assertWarning(finding, "has its trigger for the versions switched"));
  }

  @Test
  void check_databaseIsAway_isReported() {
    database =
        Databases.of(
            () -> {
              throw new SQLException("nobody there");
            });

    assertThat(source(QUERY).check())
        .singleElement()
        .satisfies(finding -> assertWarning(finding, "nobody there"));
  }

  @Test
  void check_ofMariaDb_findsWhatIsMissing() throws Exception {
    MariaDbServer server = MariaDbServer.shared();
    database = Databases.of(server::connect);
    executeAll(
        "create table good (id bigint primary key, version bigint not null default 0)",
        "create table bare (id bigint primary key, version bigint unsigned not null)");
    executeAll(MariaDbVersions.triggerSql("good", "version").toArray(String[]::new));
    try {
      assertThat(numbered("select * from good where id = ?").check()).isEmpty();
      assertThat(numbered("select g.* from good g where g.id = ?").check()).isEmpty();
      assertThat(numbered("select id, version from bare where id = ?").check())
          .singleElement()
          .satisfies(finding -> assertThat(finding.problem()).contains("unsigned"));
      executeAll("alter table bare modify version bigint not null");
      assertThat(numbered("select * from bare where id = ?").check())
          .singleElement()
          .satisfies(finding -> assertWarning(finding, "has no triggers of Tidemark"));
      database =
          Databases.of(
              server::connect,
              connection ->
                  connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED));
      assertReadsUncommitted("select * from good where id = ?");
    } finally {
      executeAll("drop table good", "drop table bare");
    }
  }

  @Test
  void check_ofMariaDbByTheDriverOfMySql_findsWhatIsMissing()
      throws SQLException, IOException, InterruptedException {
    MariaDbServer server = MariaDbServer.shared();
    database = Databases.of(server::connectByMySqlDriver);
    executeAll("create table bare (id bigint primary key, version bigint not null default 0)");
    try {
      assertThat(numbered("select * from bare b where id = ?").check())
          .singleElement()
          .satisfies(finding -> assertWarning(finding, "has no triggers of Tidemark"));
      executeAll(MariaDbVersions.triggerSql("bare", "version").toArray(String[]::new));
      assertThat(numbered("select b.* from bare b where id = ?").check()).isEmpty();
    } finally {
      executeAll("drop table bare");
    }
  }

  @Test
  void check_ofH2_findsWhatIsMissing() throws SQLException {
    String url = "jdbc:h2:mem:check";
    try (Connection keptOpen = DriverManager.getConnection(url)) {
      database = Databases.of(() -> DriverManager.getConnection(url));
      executeAll(
          "create table good (id bigint primary key, version bigint not null default 0)",
          "create table bare (id bigint primary key, version bigint not null)",
          H2Versions.columnSql("good", "version"));
      assertThat(keptOpen.isClosed()).isFalse();

      assertThat(numbered("select g.* from good g where g.id = ?").check()).isEmpty();
      assertThat(numbered("select * from bare where id = ?").check())
          .singleElement()
          .satisfies(
              finding -> assertWarning(finding, "column VERSION from a sequence of Tidemark"));
      database =
          Databases.of(
              () -> DriverManager.getConnection(url),
              connection ->
                  connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED));
      assertReadsUncommitted("select * from good where id = ?");
    }
  }

  /** By a statement, of which a driver that remembers its isolation may know nothing. */
  @Test
  void load_laterConnectionReadsUncommitted_isRefused() throws Exception {
    MariaDbServer server = MariaDbServer.shared();
    String url = "jdbc:h2:mem:later";
    try (Connection keptOpen = DriverManager.getConnection(url)) {
      assertThat(keptOpen.isClosed()).isFalse();
      assertLaterUncommittedIsRefused(
          () -> DriverManager.getConnection(url),
          "set session characteristics as transaction isolation level read uncommitted");
      String sql = "set session transaction isolation level read uncommitted";
      assertLaterUncommittedIsRefused(server::connect, sql);
      assertLaterUncommittedIsRefused(server::connectByMySqlDriver, sql);
    }
  }

  private void assertLaterUncommittedIsRefused(ConcurrentUpdates.Connect connect, String sql)
      throws SQLException {
    AtomicInteger connections = new AtomicInteger();
    database =
        Databases.of(
            connect,
            connection -> {
              assertThat(connection.getTransactionIsolation())
                  .isNotEqualTo(Connection.TRANSACTION_READ_UNCOMMITTED);
              if (connections.getAndIncrement() > 0) {
                try (Statement statement = connection.createStatement()) {
                  statement.execute(sql);
                }
              }
            });
    JdbcSource<Long, String> source = numbered("select 1 as version where ? > 0");

    assertThat(source.load(1L)).isEqualTo(Row.present("row", 1));
    assertThatIllegalStateException()
        .isThrownBy(() -> source.load(1L))
        .withMessageContaining("handed out a connection at READ UNCOMMITTED");
  }

  private void assertReadsUncommitted(String query) {
    JdbcSource<Long, String> source = numbered(query);

    assertThat(source.check())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
              assertThat(finding.problem()).contains("READ UNCOMMITTED");
            });
    assertThatIllegalStateException()
        .isThrownBy(() -> source.load(1L))
        .withMessageContaining("handed out a connection at READ UNCOMMITTED");
  }

  private static void assertWarning(Finding finding, String problem) {
    assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
    assertThat(finding.problem()).contains(problem);
  }

  private JdbcSource<Long, String> source(String query) {
    return builder(query).versionTimestamp("version").build();
  }

  private JdbcSource<Long, String> numbered(String query) {
    return builder(query).versionNumber("version").build();
  }

  private JdbcSourceBuilder<Long, String> builder(String query) {
    return JdbcSource.<Long, String>builder(database).query(query).rowMapper(row -> "row");
  }

  private void executeAll(String... statements) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = SharedPostgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
