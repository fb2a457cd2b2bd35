package io.tidemark.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
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
