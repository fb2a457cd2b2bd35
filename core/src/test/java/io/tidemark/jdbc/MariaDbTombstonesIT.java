package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

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
  @Test
  void insert_keyIsGenerated_waitsForNobodyAndLeavesNoTombstone() throws SQLException {
    execute("create table numbered (id bigint auto_increment primary key, n int, version bigint)");
    triggerSql("numbered").forEach(this::executeUnchecked);
    tombstoneSql("numbered", "id").forEach(this::executeUnchecked);
    try (Connection first = connect();
        Connection second = connect();
        Statement ofFirst = first.createStatement();
        Statement ofSecond = second.createStatement()) {
      ofFirst.execute("create database if not exists elsewhere");
      ofFirst.execute("use elsewhere");
      first.setAutoCommit(false);
      second.setAutoCommit(false);
      for (String values :
          List.of("(n) values (1)", "(id, n) values (null, 1)", "values (default, 1, 0)")) {
        ofFirst.execute("insert into test.numbered " + values);
        ofSecond.execute("insert into numbered " + values);
      }
      ofFirst.execute("delete from test.numbered where id = 1");
      ofSecond.execute("delete from numbered where id = 2");
      first.commit();
      second.commit();

      assertThat(number("select count(*) from numbered where version > 0")).isEqualTo(4);
      assertThat(number("select group_concat(id) = '1,2' from numbered_tombstone")).isEqualTo(1);
      ofFirst.execute("insert into test.numbered values (1, 1, 0)");
      first.commit();
      assertThat(number("select count(*) from numbered_tombstone")).isEqualTo(1);
    } finally {
      execute("drop table numbered");
      execute("drop table numbered_tombstone");
      execute("drop database if exists elsewhere");
    }
  }

  @Test
  void insert_keysThatAreZeroButNotGenerated_keepTheirTombstones() throws SQLException {
    execute("insert into counter values (0, 0, 0)");
    execute("delete from counter where id = 0");
    execute("update counter_tombstone set version = " + FUTURE);

    execute("insert into counter values (0, 0, 0)");

    assertThat(number("select version from counter where id = 0")).isGreaterThan(FUTURE);
  }

  @Test
  void install_triggersOfARenamedTable_areRefused() throws SQLException {
    execute("drop trigger tidemark_insert_counter");
    execute("drop trigger tidemark_update_counter");
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

  private void executeUnchecked(String sql) {
    try {
      execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
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
