package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(MariaDbServer.LOCK)
class MariaDbVersionsIT {
  private static final long FUTURE =
      ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse("2100-01-01T00:00:00.123456Z"));

  private static MariaDbServer server;

  private Connection connection;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = MariaDbServer.shared();
  }

  @BeforeEach
  void createTable() throws SQLException {
    connection = server.connect();
    execute("create table counter (id int primary key, n int not null, version bigint)");
    execute(MariaDbVersions.triggerSql("counter", "version"));
  }

  @AfterEach
  void dropTable() throws SQLException {
    connection.close();
    connection = server.connect();
    execute("drop table counter");
    connection.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SYSTEM", "+13:00", "-12:00"})
  void insert_inAnyTimeZone_setsTheMomentInUtc(String timeZone) throws SQLException {
    execute("set time_zone = '" + timeZone + "'");
    long before = nowMicros();

    long stamped = insert(1);

    assertThat(stamped).isBetween(before, nowMicros());
  }

  @Test
  void insert_inALongStatement_setsTheMomentOfTheRow() throws SQLException {
    execute("insert into counter select seq, sleep(0.1), 0 from seq_1_to_2");

    assertThat(version(2)).isGreaterThan(version(1) + 50_000);
  }

  @Test
  void insert_explicitVersion_isOverridden() throws SQLException {
    execute("insert into counter values (1, 0, " + FUTURE + ")");

    assertThat(version(1)).isLessThan(FUTURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "4102444800000000", "null", "version - 1"})
  void update_explicitVersion_isOverridden(String version) throws SQLException {
    long before = insert(1);

    execute("update counter set version = " + version);

    assertThat(version(1)).isGreaterThan(before).isLessThan(FUTURE);
  }

  @Test
  void update_noVersionYet_setsTheClock() throws SQLException {
    execute("create table old (id int primary key, version bigint)");
    execute("insert into old values (1, null)");
    execute(MariaDbVersions.triggerSql("old", "version"));
    execute("update old set id = 2");

    assertThat(number("select version from old")).isPositive();
    execute("drop table old");
  }

  @Test
  void update_clockSetBackSinceTheLastUpdate_addsOne() throws SQLException {
    putWithoutTriggers(1, FUTURE);

    execute("update counter set n = 1");

    assertThat(version(1)).isEqualTo(FUTURE + 1);
  }

  @Test
  void update_twiceInOneTransaction_growsTwice() throws SQLException {
    connection.setAutoCommit(false);
    long first = insert(1);
    execute("update counter set n = 1");
    long second = version(1);
    execute("update counter set n = 2");
    connection.commit();
    connection.setAutoCommit(true);

    assertThat(second).isGreaterThan(first);
    assertThat(version(1)).isGreaterThan(second);
  }

  @Test
  void update_waitsForAnotherThatUpdatesAgain_isTheNewest() throws Exception {
    insert(1);
    connection.setAutoCommit(false);
    execute("update counter set n = 1");
    CompletableFuture<Void> waiting = inBackground("update counter set n = n + 1");

    execute("update counter set n = 2");
    long last = version(1);
    connection.commit();
    connection.setAutoCommit(true);
    waiting.get();

    assertThat(version(1)).isGreaterThan(last);
  }

  @Test
  void upsert_ofARowThatExists_grows() throws SQLException {
    putWithoutTriggers(1, FUTURE);

    execute(
        "insert into counter values (1, 0, 0) on duplicate key update n = 5, version ="
            + " values(version)");

    assertThat(version(1)).isEqualTo(FUTURE + 1);
  }

  @Test
  void replace_ofARowFromTheFuture_isToBeRepeatedAndThenNewer() throws SQLException {
    putWithoutTriggers(1, FUTURE);
    String replace = "replace into counter (id, n) values (1, 5), (2, 5)";

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(replace))
        .withMessageContaining(
            "a row of table counter would be older than the one before it; repeat the transaction")
        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("40001"));
    assertThat(version(1)).isEqualTo(FUTURE);
    for (int i = 0; i < 3; i++) {
      long before = version(1);
      execute(replace);
      assertThat(version(1)).isGreaterThan(before);
    }
  }

  @Test
  void replace_ofAnotherRowByItsUniqueName_takesTheClock() throws SQLException {
    execute("alter table counter add unique (n)");
    insert(1);

    execute("replace into counter (id, n) values (2, 0)");

    assertThat(number("select id from counter")).isEqualTo(2);
    assertThat(version(2)).isLessThan(FUTURE);
  }

  @Test
  void install_triggersOfARenamedTable_areRefused() throws SQLException {
    execute("rename table counter to renamed");
    execute("create table counter (id int primary key, version bigint not null default 0)");
    try {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> execute(MariaDbVersions.triggerSql("counter", "version")))
          .withMessageContaining("triggers tidemark_*_counter are of table renamed");
    } finally {
      execute("drop table renamed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "read committed"})
  void update_manyAtOnce_growsStrictlyInTheOrderOfTheCommits(String isolation) throws Exception {
    insert(1);

    ConcurrentUpdates.assertVersionsGrow(
        8,
        250,
        () -> {
          Connection own = server.connect();
          try (Statement statement = own.createStatement()) {
            statement.execute("set session transaction isolation level " + isolation);
          }
          own.setAutoCommit(false);
          return own;
        },
        own -> {
          try (Statement statement = own.createStatement()) {
            statement.execute("update counter set n = n + 1");
            try (ResultSet row = statement.executeQuery("select n, version from counter")) {
              row.next();
              var written = new ConcurrentUpdates.Written(row.getInt(1), row.getLong(2));
              own.commit();
              return written;
            }
          }
        });
  }

  @Test
  void load_byEitherDriver_givesTheVersion() throws SQLException {
    long version = insert(1);

    try (Connection mySql = server.connectByMySqlDriver();
        Statement ofMariaDb = connection.createStatement();
        Statement ofMySql = mySql.createStatement();
        ResultSet byMariaDb = ofMariaDb.executeQuery("select * from counter");
        ResultSet byMySql = ofMySql.executeQuery("select * from counter")) {
      byMariaDb.next();
      byMySql.next();

      VersionColumn column = VersionColumn.number("version");
      assertThat(column.read(byMariaDb, "")).isEqualTo(version);
      assertThat(column.read(byMySql, "")).isEqualTo(version);
    }
  }

  @Test
  void install_byTheDriverOfMySql_works() throws SQLException {
    try (Connection mySql = server.connectByMySqlDriver();
        Statement statement = mySql.createStatement()) {
      statement.execute("create table other (id int primary key, version bigint not null)");
      for (String sql : MariaDbVersions.triggerSql("other", "version")) {
        statement.execute(sql);
      }
      for (String sql : MariaDbVersions.tombstoneSql("other", "version", "id")) {
        statement.execute(sql);
      }
      statement.execute("insert into other values (1, 0)");
      statement.execute("delete from other");
    }

    assertThat(number("select version from other_tombstone")).isPositive();
    execute("drop table other, other_tombstone");
  }

  @Test
  void install_again_changesNothing() throws SQLException {
    execute(MariaDbVersions.triggerSql("counter", "version"));
    execute(MariaDbVersions.triggerSql("test.counter", "`version`"));

    assertThat(number("select count(*) from information_schema.triggers")).isEqualTo(4);
    assertThat(number("select @@completion_type = 'NO_CHAIN'")).isEqualTo(1);
  }

  @Test
  void install_tableWithAStampingTriggerOfItsOwn_hasTheLastWord() throws SQLException {
    execute("create table other (id int primary key, version bigint)");
    execute("create trigger stamp before update on other for each row set new.version = 1");
    execute(MariaDbVersions.triggerSql("other", "version"));
    execute("insert into other values (1, 0)");
    long before = number("select version from other");

    execute("update other set id = 2");

    assertThat(number("select version from other")).isGreaterThan(before);
    execute("drop table other");
  }

  @Test
  void install_oddNames_works() throws SQLException {
    String table = "`Odd 'schema``.x`.`Täble; -- ${column}`";
    String column = "`Last '``change%.`";
    execute("create database `Odd 'schema``.x`");
    execute("create table " + table + " (`the 'id` int primary key, " + column + " bigint)");
    for (int i = 0; i < 2; i++) {
      execute(MariaDbVersions.triggerSql(table, column));
      execute(MariaDbVersions.tombstoneSql(table, column, "`the 'id`"));
    }

    execute("insert into " + table + " values (1, 0)");
    long first = number("select " + column + " from " + table);
    execute("update " + table + " set " + column + " = 0");
    assertThat(number("select " + column + " from " + table)).isGreaterThan(first);
    execute("drop database `Odd 'schema``.x`");
  }

  @ParameterizedTest
  @ValueSource(strings = {"int", "bigint unsigned", "datetime(6)", "timestamp(6)", "text"})
  void install_columnThatIsNoBigint_failsAndNamesIt(String type) throws SQLException {
    execute("create table wrong (changed " + type + " null)");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(MariaDbVersions.triggerSql("wrong", "changed")))
        .withMessageContaining("column `changed` of table `wrong` is ")
        .withMessageContaining("a version must be a signed bigint");
    assertThat(number("select count(*) from information_schema.triggers")).isEqualTo(4);
    execute("drop table wrong");
  }

  @Test
  void install_noSuchColumn_failsAndNamesIt() {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(MariaDbVersions.triggerSql("counter", "changed")))
        .withMessageContaining("table `counter` has no column `changed`");
  }

  @Test
  void install_anotherColumnOfTheTable_failsAndSaysWhy() throws SQLException {
    execute("alter table counter add column other bigint");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(MariaDbVersions.triggerSql("counter", "other")))
        .withMessageContaining("table `counter` has version triggers of another column");
  }

  /** Leaves a row as it would be had the clock shown {@code version} at its last update. */
  private void putWithoutTriggers(int id, long version) throws SQLException {
    execute("drop trigger tidemark_insert_counter");
    execute("insert into counter values (" + id + ", 0, " + version + ")");
    execute(MariaDbVersions.triggerSql("counter", "version"));
  }

  private long insert(int id) throws SQLException {
    execute("insert into counter (id, n) values (" + id + ", 0)");
    return version(id);
  }

  private long version(int id) throws SQLException {
    return number("select version from counter where id = " + id);
  }

  /** Starts a statement on a connection of its own, which waits for the open transaction. */
  private CompletableFuture<Void> inBackground(String sql) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (Connection own = server.connect();
                  Statement statement = own.createStatement()) {
                statement.execute(sql);
                result.complete(null);
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    thread.start();
    await().until(() -> number(MariaDbServer.WAITERS_SQL) == 1);
    assertThat(result).isNotDone();
    return result;
  }

  private void execute(String... statements) throws SQLException {
    execute(Arrays.asList(statements));
  }

  private void execute(List<String> statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  private static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
