package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
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
