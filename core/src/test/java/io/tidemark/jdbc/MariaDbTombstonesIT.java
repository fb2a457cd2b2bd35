package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(MariaDbServer.LOCK)
class MariaDbTombstonesIT extends TombstonesContract {
  private static MariaDbServer server;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = MariaDbServer.shared();
  }

  @Test
  void upsert_ofARowThatExists_leavesATombstoneThatIsNotAboveIt() throws SQLException {
    for (int i = 0; i < 3; i++) {
      execute("insert into counter values (1, 0, 0) on duplicate key update n = n + 1");

      assertThat(
              number(
                  "select count(*) from counter join counter_tombstone using (id)"
                      + " where counter_tombstone.version > counter.version"))
          .isZero();
    }
    execute("delete from counter");

    assertThat(number("select version from counter_tombstone")).isGreaterThan(FUTURE + 3);
  }

  /** The key is not known before the row is there, and until then it is the same for all rows. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bigint auto_increment",
        "int(5) zerofill auto_increment",
        "bigint default nextval(numbers)",
        "uuid default uuid()",
        "varchar(36) default ''"
      })
  void insert_keyIsGenerated_waitsForNobodyAndLeavesNoTombstone(String type) throws SQLException {
    execute("create or replace sequence numbers");
    execute("create table numbered (id " + type + " primary key, n int, version bigint)");
    executeAll(triggerSql("numbered"));
    executeAll(tombstoneSql("numbered", "id"));
    if (type.startsWith("varchar")) {
      execute("create trigger own before insert on numbered for each row set new.id = uuid()");
    }
    try (Connection first = connect();
        Connection second = connect();
        Statement ofFirst = first.createStatement();
        Statement ofSecond = second.createStatement()) {
      ofFirst.execute("create database if not exists elsewhere");
      ofFirst.execute("use elsewhere");
      ofSecond.execute("set innodb_lock_wait_timeout = 0");
      first.setAutoCommit(false);
      second.setAutoCommit(false);
      List<String> inserts =
          new ArrayList<>(List.of("(n) values (1)", "(n) select 1", "(n) values (1), (1)"));
      if (!type.contains("default")) {
        inserts.add("(id, n) values (null, 1)");
      }
      if (type.contains("auto_increment")) {
        inserts.addAll(List.of("values (default, 1, 0)", "values (0, 1, 0)"));
      }
      for (String insert : inserts) {
        ofFirst.execute("insert into test.numbered " + insert);
        ofSecond.execute("insert into numbered " + insert);
      }
      first.commit();
      second.commit();

      assertThat(number("select count(*) from numbered where version > 0"))
          .isEqualTo(2L * (inserts.size() + 1));
      assertThat(number("select count(*) from numbered_tombstone")).isZero();
      execute("delete from numbered limit 2");
      assertThat(number("select count(*) from numbered_tombstone")).isEqualTo(2);
    } finally {
      execute("drop table numbered, numbered_tombstone");
      execute("drop sequence numbers");
      execute("drop database if exists elsewhere");
    }
  }

  /** Too late for the version: it was given before the key was known. */
  @ParameterizedTest
  @ValueSource(strings = {"the server", "a trigger"})
  void insert_generatedKeyOfADeletedRow_isToBeRepeatedAndThenNewer(String by) throws SQLException {
    execute(
        "create table numbered (id int primary key "
            + (by.equals("the server") ? "auto_increment" : "default 0")
            + ", n int, version bigint)");
    executeAll(triggerSql("numbered"));
    executeAll(tombstoneSql("numbered", "id"));
    if (by.equals("a trigger")) {
      execute("create trigger own before insert on numbered for each row set new.id = 1");
    }
    try {
      execute("insert into numbered_tombstone (id, version) values (1, " + FUTURE + ")");
      String insert = "insert into numbered (n) values (1)";

      assertToBeRepeated(insert);
      if (by.equals("the server")) {
        execute("alter table numbered auto_increment = 1");
      }
      execute(insert);

      assertThat(number("select version from numbered where id = 1")).isGreaterThan(FUTURE);
      assertThat(number("select count(*) from numbered_tombstone")).isZero();
    } finally {
      execute("drop table numbered, numbered_tombstone");
    }
  }

  /** The trigger's table has tombstones of its own, and keys that are generated. */
  @Test
  void insert_triggersWriteAnotherTable_bothKeepTheirTombstones() throws SQLException {
    execute("create table log (id int primary key auto_increment, n int, version bigint)");
    executeAll(triggerSql("log"));
    executeAll(tombstoneSql("log", "id"));
    execute(
        "create trigger own_1 before insert on counter for each row insert into log (n) values (1)");
    execute(
        "create trigger own_2 after delete on counter for each row insert into log values (9, 1, 0)");
    try {
      execute("delete from counter where id = 1");
      long deleted = number("select version from counter_tombstone where id = 1");
      execute("insert into counter values (1, 0, 0)");

      assertThat(number("select version from counter where id = 1")).isGreaterThan(deleted);
      assertThat(number("select count(*) from counter_tombstone")).isZero();
      assertThat(number("select count(*) from log_tombstone")).isZero();
    } finally {
      execute("drop trigger own_1");
      execute("drop trigger own_2");
      execute("drop table log, log_tombstone");
    }
  }

  @Test
  void replace_ofARowFromTheFuture_isToBeRepeatedAndThenNewer() throws SQLException {
    assertToBeRepeated("replace into counter values (1, 1, 0)");
    assertThat(number("select version from counter where n = 0")).isEqualTo(FUTURE);

    for (int i = 0; i < 3; i++) {
      long before = number("select version from counter");
      execute("replace into counter values (1, 1, 0)");
      assertThat(number("select version from counter")).isGreaterThan(before);
    }
    assertThat(number("select count(*) from counter_tombstone")).isZero();
  }

  @Test
  void replace_manyAtOnce_growInTheOrderOfTheCommits() throws Exception {
    ConcurrentUpdates.assertVersionsGrow(
        8,
        40,
        () -> {
          Connection own = connect();
          own.setAutoCommit(false);
          return own;
        },
        own -> {
          while (true) {
            try (Statement statement = own.createStatement()) {
              statement.execute("replace into counter values (1, 0, 0)");
              statement.execute("update ordering set n = n + 1");
              try (ResultSet row =
                  statement.executeQuery("select ordering.n, version from ordering, counter")) {
                row.next();
                var written = new ConcurrentUpdates.Written(row.getInt(1), row.getLong(2));
                own.commit();
                return written;
              }
            } catch (SQLException e) {
              own.rollback();
              assertThat(e.getSQLState()).isEqualTo("40001");
            }
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EMPTY_STRING_IS_NULL",
        "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES",
        "ORACLE",
        "ORACLE,EMPTY_STRING_IS_NULL",
        "ANSI,HIGH_NOT_PRECEDENCE,TRADITIONAL,NO_AUTO_VALUE_ON_ZERO,PAD_CHAR_TO_FULL_LENGTH",
        "ONLY_FULL_GROUP_BY,SIMULTANEOUS_ASSIGNMENT,NO_UNSIGNED_SUBTRACTION,IGNORE_SPACE",
        "MSSQL",
        ""
      })
  void install_anySqlMode_works(String mode) throws SQLException {
    try (Connection own = connect();
        Statement statement = own.createStatement()) {
      statement.execute("set sql_mode = '" + mode + "'");
      statement.execute("create table modal (id varchar(9) primary key, version bigint)");
      for (int i = 0; i < 2; i++) {
        for (String sql : triggerSql("modal")) {
          statement.execute(sql);
        }
        for (String sql : tombstoneSql("modal", "id")) {
          statement.execute(sql);
        }
      }
      statement.execute("insert into modal_tombstone values ('a', " + FUTURE + ")");

      statement.execute("insert into modal values ('a', 0), ('0', 0)");
      statement.execute("update modal set id = 'b' where id = 'a'");
      statement.execute("delete from modal where id = '0'");

      assertThat(number("select version from modal where id = 'b'")).isGreaterThan(FUTURE);
      assertThat(number("select version from modal_tombstone where id = 'a'"))
          .isGreaterThan(FUTURE);
      assertThat(number("select count(*) from modal_tombstone")).isEqualTo(2);
    } finally {
      execute("drop table if exists modal, modal_tombstone");
    }
  }

  @Test
  void insert_keysThatAreZeroButNotGenerated_keepTheirTombstones() throws SQLException {
    execute("insert into counter values (0, 0, 0)");
    execute("delete from counter where id = 0");
    execute("update counter_tombstone set version = " + FUTURE);

    assertToBeRepeated("insert into counter values (0, 0, 0)");
    execute("insert into counter values (0, 0, 0)");

    assertThat(number("select version from counter where id = 0")).isGreaterThan(FUTURE);
  }

  @Test
  void install_triggersOfARenamedTable_areRefused() throws SQLException {
    execute("drop trigger tidemark_insert_counter");
    execute("drop trigger tidemark_update_counter");
    execute("drop trigger tidemark_replacing_counter");
    execute("drop trigger tidemark_replaced_counter");
    execute("rename table counter to renamed");
    try {
      execute("create table counter (id int primary key, version bigint not null default 0)");
      for (String sql : triggerSql("counter")) {
        execute(sql);
      }

      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> execute(tombstoneSql("counter", "id").get(0)))
          .withMessageContaining("tidemark_*_counter are of table renamed");
    } finally {
      execute("drop table renamed");
    }
  }

  private void assertToBeRepeated(String sql) {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(sql))
        .withMessageContaining("would be older than the one before it; repeat the transaction")
        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("40001"));
  }

  private void executeAll(List<String> statements) throws SQLException {
    for (String sql : statements) {
      execute(sql);
    }
  }

  @Override
  Connection connect() throws SQLException {
    return server.connect();
  }

  @Override
  String versionType() {
    return "bigint";
  }

  @Override
  String versionMicros() {
    return "version";
  }

  @Override
  String versionOf(long micros) {
    return String.valueOf(micros);
  }

  @Override
  List<String> triggerSql(String table) {
    return MariaDbVersions.triggerSql(table, "version");
  }

  @Override
  List<String> tombstoneSql(String table, String... keyColumns) {
    return MariaDbVersions.tombstoneSql(table, "version", keyColumns);
  }

  @Override
  String waitersSql() {
    return MariaDbServer.WAITERS_SQL;
  }

  @Override
  String pruneSql() {
    return "delete from counter_tombstone where version <"
        + " timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) - 3600000000";
  }

  @Override
  JdbcSourceBuilder<Integer, Integer> version(JdbcSourceBuilder<Integer, Integer> builder) {
    return builder.versionNumber("version");
  }
}
