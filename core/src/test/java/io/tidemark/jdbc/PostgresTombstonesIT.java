package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(SharedPostgres.LOCK)
class PostgresTombstonesIT extends TombstonesContract {
  @AfterEach
  void dropFunctions() throws SQLException {
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      statement.execute("drop function if exists counter_tombstone cascade");
    }
  }

  /** Its key is not known before the row is there, when the version could still be raised. */
  @Test
  void install_keyIsComputed_comparesItOnceTheRowIsThere() throws SQLException {
    execute(
        "create table account (name text, version timestamptz,"
            + " id text generated always as (lower(name)) stored primary key)");
    try {
      execute(PostgresVersions.triggerSql("account", "version"));
      execute(PostgresVersions.tombstoneSql("account", "version", "id"));
      execute("insert into account values ('A'), ('B')");

      execute("update account set name = 'C' where name = 'A'");
      execute("delete from account where name = 'B'");
      execute("insert into account values ('b')");

      assertThat(number("select count(*) from account_tombstone where id = 'a'")).isEqualTo(1);
      assertThat(number("select count(*) from account_tombstone")).isEqualTo(1);
      execute("update account_tombstone set version = " + versionOf(FUTURE));
      for (String write :
          List.of(
              "insert into account values ('A')", "update account set name = 'a' where id = 'b'")) {
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> execute(write))
            .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("40001"));
      }
    } finally {
      execute("drop table account, account_tombstone");
      execute("drop function account_tombstone");
    }
  }

  @Override
  Connection connect() throws SQLException {
    return SharedPostgres.connect();
  }

  @Override
  String versionType() {
    return "timestamptz";
  }

  @Override
  String versionMicros() {
    return "(extract(epoch from version) * 1000000)::bigint";
  }

  @Override
  String versionOf(long micros) {
    return "timestamptz 'epoch' + interval '1 microsecond' * " + micros;
  }

  @Override
  List<String> triggerSql(String table) {
    return List.of(PostgresVersions.triggerSql(table, "version"));
  }

  @Override
  List<String> tombstoneSql(String table, String... keyColumns) {
    return List.of(PostgresVersions.tombstoneSql(table, "version", keyColumns));
  }

  @Override
  String waitersSql() {
    // Of its activity PostgreSQL shows a transaction only what was when it first looked.
    return "select count(*) from pg_locks where not granted";
  }

  @Override
  String pruneSql() {
    return "delete from counter_tombstone where version < clock_timestamp() - interval '1 hour'";
  }

  @Override
  JdbcSourceBuilder<Integer, Integer> version(JdbcSourceBuilder<Integer, Integer> builder) {
    return builder.versionTimestamp("version");
  }
}
