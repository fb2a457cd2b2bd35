package io.tidemark.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.support.EncodedResource;
import org.springframework.jdbc.datasource.init.ScriptUtils;

@ResourceLock(SharedPostgres.LOCK)
class PostgresVersionsIT {
  private static final OffsetDateTime FUTURE =
      OffsetDateTime.of(2100, 1, 1, 0, 0, 0, 123_456_000, ZoneOffset.UTC);

  private Connection connection;

  @BeforeEach
  void createTable() throws SQLException {
    connection = connect();
    execute("create table counter (id int primary key, n int not null, updated_at timestamptz)");
    execute(PostgresVersions.triggerSql("counter", "updated_at"));
  }

  @AfterEach
  void dropTable() throws SQLException {
    connection.close();
    try (Connection fresh = connect();
        Statement statement = fresh.createStatement()) {
      statement.execute("drop table counter");
    }
  }

  @Test
  void insert_inALongTransaction_setsTheClockOfTheInsert() throws SQLException {
    connection.setAutoCommit(false);
    OffsetDateTime before = timestamp("select clock_timestamp()");
    OffsetDateTime stamped = timestamp("insert into counter values (1, 0) returning updated_at");
    OffsetDateTime after = timestamp("select clock_timestamp()");
    connection.commit();

    assertThat(stamped).isBetween(before, after);
  }

  @Test
  void insert_explicitVersion_isOverridden() throws SQLException {
    OffsetDateTime stamped =
        timestamp("insert into counter values (1, 0, '2100-01-01') returning updated_at");

    assertThat(stamped).isBefore(FUTURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'1999-01-01'", "'2100-01-01'", "null"})
  void update_explicitVersion_isOverridden(String version) throws SQLException {
    OffsetDateTime before = timestamp("insert into counter values (1, 0) returning updated_at");

    OffsetDateTime stamped =
        timestamp("update counter set updated_at = " + version + " returning updated_at");

    assertThat(stamped).isAfter(before).isBefore(FUTURE);
  }

  @Test
  void update_noVersionYet_setsTheClock() throws SQLException {
    putWithoutTrigger("null");

    assertThat(timestamp("update counter set n = 1 returning updated_at")).isNotNull();
  }

  @Test
  void update_clockSetBackSinceTheLastUpdate_addsAMicrosecond() throws SQLException {
    putWithoutTrigger("'" + FUTURE + "'");

    assertThat(timestamp("update counter set n = 1 returning updated_at"))
        .isEqualTo(FUTURE.plus(1, ChronoUnit.MICROS));
  }

  @Test
  void update_twiceInOneTransaction_growsTwice() throws SQLException {
    connection.setAutoCommit(false);
    OffsetDateTime first = timestamp("insert into counter values (1, 0) returning updated_at");
    OffsetDateTime second = timestamp("update counter set n = 1 returning updated_at");
    OffsetDateTime third = timestamp("update counter set n = 2 returning updated_at");
    connection.commit();

    assertThat(second).isAfter(first);
    assertThat(third).isAfter(second);
  }

  @Test
  void update_transactionBeganFirstAndCommitsLast_isTheNewest() throws SQLException {
    execute("insert into counter values (1, 0)");
    connection.setAutoCommit(false);
    timestamp("select now()");
    OffsetDateTime other;
    try (Connection second = connect()) {
      other = timestamp(second, "update counter set n = 1 returning updated_at");
    }

    OffsetDateTime own = timestamp("update counter set n = 2 returning updated_at");
    connection.commit();

    assertThat(own).isAfter(other);
  }

  @Test
  void upsert_ofARowThatExists_grows() throws SQLException {
    putWithoutTrigger("'" + FUTURE + "'");

    assertThat(
            timestamp(
                "insert into counter values (1, 0) on conflict (id)"
                    + " do update set n = 5, updated_at = excluded.updated_at returning updated_at"))
        .isAfter(FUTURE);
  }

  @Test
  void update_manyAtOnce_growsStrictlyInTheOrderOfTheCommits() throws Exception {
    execute("insert into counter values (1, 0)");

    ConcurrentUpdates.assertVersionsGrow(
        8,
        250,
        PostgresVersionsIT::connect,
        own -> {
          try (Statement statement = own.createStatement();
              ResultSet row =
                  statement.executeQuery("update counter set n = n + 1 returning n, updated_at")) {
            row.next();
            return new ConcurrentUpdates.Written(
                row.getInt(1), VersionColumn.timestamp("updated_at").read(row, ""));
          }
        });
  }

  @Test
  void install_again_changesNothing() throws SQLException {
    execute(PostgresVersions.triggerSql("counter", "updated_at"));
    putWithoutTrigger("'" + FUTURE + "'");

    assertThat(timestamp("update counter set n = 1 returning updated_at"))
        .isEqualTo(FUTURE.plus(1, ChronoUnit.MICROS));
  }

  @Test
  void install_tableWithAStampingTriggerOfItsOwn_hasTheLastWord() throws SQLException {
    execute(
        "create function stamp() returns trigger language plpgsql as"
            + " 'begin new.updated_at := now(); return new; end';"
            + "create trigger set_updated_at before update on counter"
            + " for each row execute function stamp()");
    putWithoutTrigger("'" + FUTURE + "'");

    assertThat(timestamp("update counter set n = 1 returning updated_at")).isAfter(FUTURE);
    execute("drop function stamp cascade");
  }

  @Test
  void install_oddNames_works() throws SQLException {
    String table = "\"Odd ''schema\"\".x\".\"Täble; -- ${column} \n $1\"";
    String column = "\"Last '\"\"change%.\"";
    execute("create schema \"Odd ''schema\"\".x\"");
    execute("create table " + table + " (" + column + " timestamptz(6))");
    execute(PostgresVersions.triggerSql(table, column));
    execute(PostgresVersions.triggerSql(table, column));

    OffsetDateTime first = timestamp("insert into " + table + " values (null) returning " + column);
    OffsetDateTime second =
        timestamp("update " + table + " set " + column + " = null returning " + column);

    assertThat(second).isAfter(first);
    execute("drop schema \"Odd ''schema\"\".x\" cascade");
  }

  @Test
  void install_twoTablesWithTheSameColumn_shareTheFunction() throws SQLException {
    execute("create table other (updated_at timestamptz)");
    execute(PostgresVersions.triggerSql("public.other", "UPDATED_AT"));

    assertThat(timestamp("insert into other values (null) returning updated_at")).isNotNull();
    assertThat(timestamp("insert into counter values (1, 0) returning updated_at")).isNotNull();
    execute("drop table other");
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "timestamptz(3)", "bigint", "text"})
  void install_columnThatIsNoFullTimestamptz_failsAndNamesIt(String type) throws SQLException {
    execute("create table wrong (changed " + type + ")");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(PostgresVersions.triggerSql("wrong", "changed")))
        .withMessageContaining("column \"changed\" of table \"wrong\" is ")
        .withMessageContaining("a version must be timestamptz");
    execute("insert into wrong values (null); drop table wrong");
  }

  @Test
  void install_noSuchColumn_failsAndNamesIt() {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(PostgresVersions.triggerSql("counter", "changed_at")))
        .withMessageContaining("table \"counter\" has no column \"changed_at\"");
  }

  /** As Spring Boot runs schema.sql: it drops the comments, and joins the lines. */
  @Test
  void install_bySpringsScriptRunner_works() throws SQLException {
    execute("create table shelf (id int primary key, updated_at timestamptz)");
    String sql =
        PostgresVersions.triggerSql("shelf", "updated_at")
            + PostgresVersions.tombstoneSql("shelf", "updated_at", "id");
    ScriptUtils.executeSqlScript(
        connection,
        new EncodedResource(new ByteArrayResource(sql.getBytes(UTF_8))),
        false,
        false,
        ScriptUtils.DEFAULT_COMMENT_PREFIX,
        ScriptUtils.EOF_STATEMENT_SEPARATOR,
        ScriptUtils.DEFAULT_BLOCK_COMMENT_START_DELIMITER,
        ScriptUtils.DEFAULT_BLOCK_COMMENT_END_DELIMITER);

    OffsetDateTime inserted = timestamp("insert into shelf (id) values (1) returning updated_at");
    execute("delete from shelf");
    assertThat(timestamp("select updated_at from shelf_tombstone")).isAfter(inserted);
    execute("drop table shelf, shelf_tombstone");
  }

  /** Leaves row 1 as it would be had the clock shown {@code version} at its last update. */
  private void putWithoutTrigger(String version) throws SQLException {
    execute(
        "alter table counter disable trigger user;"
            + "insert into counter values (1, 0, "
            + version
            + ");"
            + "alter table counter enable trigger user");
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private OffsetDateTime timestamp(String sql) throws SQLException {
    return timestamp(connection, sql);
  }

  private static OffsetDateTime timestamp(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getObject(1, OffsetDateTime.class);
    }
  }

  private static Connection connect() throws SQLException {
    return SharedPostgres.connect();
  }
}
