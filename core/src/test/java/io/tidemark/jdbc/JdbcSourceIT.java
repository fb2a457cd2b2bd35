package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.InvalidVersionException;
import io.tidemark.Origin;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteResult;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.net.ConnectException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(SharedPostgres.LOCK)
class JdbcSourceIT {
  private static DataSource database;

  @BeforeAll
  static void connect() {
    database = SharedPostgres.database("source");
  }

  @BeforeEach
  void createTables() throws SQLException {
    execute(
        "drop table if exists item, seen;"
            + "create table item (id bigint primary key, name text, updated_at timestamptz,"
            + " local timestamp, version bigint, version4 int, version2 smallint, amount numeric);"
            + "create table seen (id bigint);"
            + "insert into item values (1, 'Laptop', '2026-11-22 10:00:00.123457+01',"
            + " '2026-11-22', 9223372036854775807, 7, 3, 5)");
  }

  @Test
  void load_timestamp_givesExactMicroseconds() throws SQLException {
    assertThat(byTimestamp().load(1L))
        .isEqualTo(
            Row.present(
                "Laptop",
                ChronoUnit.MICROS.between(
                    Instant.EPOCH, Instant.parse("2026-11-22T09:00:00.123457Z"))));
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 0",
    "1970-01-01T00:00:00.000001Z, 1",
    "2026-11-22T09:00:00.999999Z, 1795338000999999",
    "294276-12-31T23:59:59.999999Z, 9224318015999999999"
  })
  void load_timestampAtAnEdge_isExactOrRefused(String timestamp, String micros)
      throws SQLException {
    execute("update item set updated_at = '" + timestamp.replace("Z", "+00") + "'");

    if (micros.equals("9224318015999999999")) {
      assertInvalid(() -> byTimestamp().load(1L), "updated_at", "beyond 2^63 microseconds");
    } else {
      assertThat(byTimestamp().load(1L).version()).hasValue(Long.parseLong(micros));
    }
  }

  @ParameterizedTest
  @CsvSource({"version, 9223372036854775807", "version4, 7", "version2, 3"})
  void load_number_isTheVersion(String column, long version) throws SQLException {
    assertThat(byNumber(column).load(1L)).isEqualTo(Row.present("Laptop", version));
  }

  @Test
  void load_noSuchRow_isAbsentWithoutVersion() throws SQLException {
    assertThat(byTimestamp().load(2L)).isEqualTo(Row.absent());
  }

  @Test
  void load_parameters_areTheUsers() throws SQLException {
    JdbcSource<String, String> source =
        JdbcSource.<String, String>builder(database)
            .query("select * from item where id = ? and name = ?")
            .parameters(
                (statement, key) -> {
                  statement.setLong(1, Long.parseLong(key.substring(0, 1)));
                  statement.setString(2, key.substring(2));
                })
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version4")
            .build();

    assertThat(source.load("1/Laptop")).isEqualTo(Row.present("Laptop", 7));
    assertThat(source.load("1/Phone")).isEqualTo(Row.absent());
  }

  @Test
  void load_twoRows_isRefusedAndNamesTheKey() throws SQLException {
    execute("insert into item select 2, name, updated_at from item");

    assertThatIllegalStateException()
        .isThrownBy(() -> source("select * from item where id >= ?", "updated_at").load(1L))
        .withMessage("key 1: the query returned more than one row; a key must select at most one");
  }

  @Test
  void load_tombstoneWithoutAVersion_isRefused() throws SQLException {
    execute("delete from item");

    assertInvalid(
        () -> withTombstones("select null::bigint as version where ? = 1").load(1L),
        "version",
        "is null");
  }

  @Test
  void load_twoTombstones_isRefusedAndNamesTheKey() {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> withTombstones("select 7::bigint as version from generate_series(1, ?)").load(2L))
        .withMessage(
            "key 2: the tombstone query returned more than one row; a key must select at most one");
  }

  @Test
  void load_rowThatIsThere_asksForNoTombstone() throws SQLException {
    assertThat(withTombstones("select broken where ? = 1").load(1L))
        .isEqualTo(Row.present("Laptop", Long.MAX_VALUE));
  }

  @Test
  void load_mapperGivesNull_isRefusedAndNamesTheKey() throws SQLException {
    execute("update item set name = null");

    assertThatIllegalStateException()
        .isThrownBy(() -> byTimestamp().load(1L))
        .withMessage("key 1: the row mapper returned null; a row that exists must have a value");
  }

  @Test
  void load_versionIsNull_isRefused() throws SQLException {
    execute("update item set updated_at = null, version = null");

    assertInvalid(() -> byTimestamp().load(1L), "updated_at", "is null");
    assertInvalid(() -> byNumber("version").load(1L), "version", "is null");
  }

  @Test
  void load_versionIsNegative_isRefused() throws SQLException {
    execute("update item set updated_at = '1969-12-31 23:59:59.999999+00', version = -1");

    assertInvalid(() -> byTimestamp().load(1L), "updated_at", "has the version -1;");
    assertInvalid(() -> byNumber("version").load(1L), "version", "has the version -1;");
  }

  @ParameterizedTest
  @ValueSource(strings = {"infinity", "-infinity"})
  void load_versionIsInfinite_isRefused(String timestamp) throws SQLException {
    execute("update item set updated_at = '" + timestamp + "'");

    assertInvalid(
        () -> byTimestamp().load(1L),
        "updated_at",
        "it is infinity or -infinity; a version must be the moment of the row's last change");
  }

  @Test
  void load_joinWithTwoColumnsOfTheVersionsName_isRefused() throws SQLException {
    String join =
        "select i.*, other.updated_at as \"Updated_At\" from item i join item other"
            + " using (id) where id = ?";

    assertInvalid(
        () -> source(join, "updated_at").load(1L),
        "updated_at",
        "the query has it 2 times (columns 3 and 9), which may be versions of different rows;"
            + " give all but one of them another name with \"as\"");
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(join.replace("?", "1"))) {
      result.next();
      assertThatExceptionOfType(InvalidVersionException.class)
          .isThrownBy(() -> byTimestamp().row(result))
          .withMessageContaining("the query has it 2 times");
    }
  }

  @Test
  void load_tombstoneWithTwoVersions_isRefused() throws SQLException {
    execute("delete from item");

    assertInvalid(
        () -> withTombstones("select 1::bigint as version, ? as version").load(1L),
        "version",
        "the query has it 2 times");
  }

  @ParameterizedTest
  @MethodSource
  void load_keyThatTheDriverDoesNotTake_saysToSetParameters(Object key, String query, String why) {
    JdbcSource<Object, String> source =
        JdbcSource.<Object, String>builder(database)
            .query("select * from item where " + query)
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version")
            .build();

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> source.load(key))
        .withMessageStartingWith(why)
        .withMessageContaining("; set parameters() to put a key into the statement");
  }

  static Stream<Arguments> load_keyThatTheDriverDoesNotTake_saysToSetParameters() {
    return Stream.of(
        arguments("1", "id = ?", "the query does not take a key of java.lang.String directly"),
        arguments(
            Thread.State.NEW,
            "id = ?",
            "the query does not take a key of java.lang.Thread$State directly"),
        arguments(Instant.EPOCH, "updated_at = ?", "the query does not take a key of java.time."),
        arguments(1L, "id = ? and id > ?", "the query has 2 parameters, but the key is only one"),
        arguments(1L, "id = 1", "the query has 0 parameters, but the key is only one"));
  }

  @Test
  void load_versionIsNotSelected_namesWhatIs() {
    assertInvalid(
        () -> source("select id, name from item where id = ?", "updated_at").load(1L),
        "updated_at",
        "it is not among the query's columns, id, name");
  }

  @Test
  void load_noConnection_namesTheDataSourceAndWhatItFailedWith() {
    DataSource empty =
        Databases.of(
            () -> {
              throw new SQLTransientConnectionException(
                  "timed out",
                  "08001",
                  7,
                  new SQLException(
                      "Connection to db refused", new ConnectException("Connection refused")));
            });

    assertThatExceptionOfType(SQLTransientConnectionException.class)
        .isThrownBy(() -> load("select 1", "updated_at", empty))
        .withMessage(
            "Prepared gave no connection for a load (timed out: Connection to db refused: Connection refused)")
        .satisfies(e -> assertThat(e.getErrorCode()).isEqualTo(7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "version", "name", "amount", "nowhere"})
  void load_columnThatIsNoTimestamptz_isRefused(String column) {
    assertInvalid(
        () -> source("select * from item where id = ?", column).load(1L), column, "cannot be read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"updated_at", "name", "amount", "nowhere"})
  void load_columnThatIsNoNumber_isRefused(String column) {
    assertInvalid(() -> byNumber(column).load(1L), column, "cannot be read");
  }

  @Test
  void load_wrongSql_throwsTheDriversError() {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> source("select * from nowhere where id = ?", "updated_at").load(1L))
        .withMessageContaining("nowhere");
  }

  @Test
  void load_queryRunsLongerThanItsTimeout_isCancelled() {
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(database)
            .query("select *, pg_sleep(60) from item where id = ?")
            .rowMapper(row -> row.getString("name"))
            .versionTimestamp("updated_at")
            .queryTimeout(Duration.ofSeconds(1))
            .build();

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> source.load(1L))
        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("57014"));
  }

  @Test
  void load_afterSuccessAndFailure_leavesNoConnection() throws SQLException {
    byTimestamp().load(1L);
    assertInvalid(() -> byNumber("name").load(1L), "name", "");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> source("select broken where ? = 1", "updated_at").load(1L));

    await().untilAsserted(() -> assertThat(openConnections()).isZero());
  }

  @Test
  void load_autocommitOff_endsItsTransaction() throws SQLException {
    String query =
        "with seeing as (insert into seen values (?) returning id)"
            + " select item.* from item, seeing where item.id = seeing.id";

    load(query, "updated_at", autocommitOff());
    assertThat(count("seen")).isEqualTo(1);

    assertInvalid(() -> load(query, "name", autocommitOff()), "name", "");
    assertThat(count("seen")).isEqualTo(1);
  }

  @Test
  void load_closedConnection_throwsTheDriversError() {
    DataSource closed = handingOut(Connection::close);

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> load("select * from item where id = ?", "updated_at", closed))
        .withMessageContaining("closed");
  }

  @Test
  void row_ofAnUpdateReturning_mapsAsALoadDoes() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "update item set updated_at = '2026-11-22 10:00:00.000001+00' returning *")) {
      result.next();

      Row<String> row = byTimestamp().row(result);

      assertThat(row).isEqualTo(byTimestamp().load(1L));
      assertThat(result.getString("name")).isEqualTo("Laptop");
    }
  }

  @Test
  void row_invalidVersion_namesTheColumn() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select name from item")) {
      result.next();

      assertThatExceptionOfType(InvalidVersionException.class)
          .isThrownBy(() -> byTimestamp().row(result))
          .withMessageStartingWith("column updated_at cannot be read as a version: ");
    }
  }

  @Test
  void row_resultNotOnARow_throwsTheDriversError() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select * from item")) {
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> byTimestamp().row(result));
    }
  }

  @ParameterizedTest
  @CsvSource({"90, PT1M30S", "0, PT0S", "-5, PT-5S"})
  void load_ttlOfTheRow_isItsTimeToLive(int seconds, Duration ttl) throws SQLException {
    execute("update item set version2 = " + seconds);

    assertThat(withTtl().load(1L)).isEqualTo(Row.present("Laptop", 7, ttl));
  }

  @Test
  void load_ttlOfTheRowIsNull_isTheCaches() throws SQLException {
    execute("update item set version2 = null");

    assertThat(withTtl().load(1L)).isEqualTo(Row.present("Laptop", 7));
  }

  @Test
  void load_ttlCannotBeRead_throwsTheDriversError() {
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(database)
            .query("select * from item where id = ?")
            .rowMapper(row -> row.getString("name"))
            .ttl(row -> Duration.ofSeconds(row.getLong("nowhere")))
            .versionNumber("version4")
            .build();

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> source.load(1L))
        .withMessageContaining("nowhere");
  }

  @Test
  void load_noRowOrTombstone_isNotAskedForATtl() throws SQLException {
    execute("delete from item");
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(database)
            .query("select * from item where id = ?")
            .tombstoneQuery("select 8 as version4 where ? = 1")
            .rowMapper(row -> row.getString("name"))
            .ttl(row -> Duration.ofSeconds(row.getLong("version2")))
            .versionNumber("version4")
            .build();

    assertThat(source.load(1L)).isEqualTo(Row.deleted(8));
    assertThat(source.load(2L)).isEqualTo(Row.absent());
  }

  @Test
  void update_rowWithATtl_isGoodForThatLong() throws SQLException {
    execute("update item set version2 = 90");
    VersionedCache<Long, String> items =
        VersionedCache.<Long, String>builder("items")
            .source(withTtl())
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(String.class))
            .build();
    try (items;
        Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "update item set name = 'Phone', version4 = 8, version2 = 0 returning *")) {
      result.next();
      items.get(1L);

      WriteResult<String> written = items.update(1L, () -> withTtl().row(result));

      assertThat(written.row()).isEqualTo(Row.present("Phone", 8, Duration.ZERO));
      assertThat(items.read(1L).origin()).isNotEqualTo(Origin.CACHE);
    }
  }

  private static JdbcSource<Long, String> withTtl() {
    return JdbcSource.<Long, String>builder(database)
        .query("select * from item where id = ?")
        .rowMapper(row -> row.getString("name"))
        .ttl(
            row -> {
              long seconds = row.getLong("version2");
              return row.wasNull() ? null : Duration.ofSeconds(seconds);
            })
        .versionNumber("version4")
        .build();
  }

  private static JdbcSource<Long, String> byTimestamp() {
    return source("select * from item where id = ?", "updated_at");
  }

  private static JdbcSource<Long, String> withTombstones(String tombstoneQuery) {
    return JdbcSource.<Long, String>builder(database)
        .query("select * from item where id = ?")
        .tombstoneQuery(tombstoneQuery)
        .rowMapper(row -> row.getString("name"))
        .versionNumber("version")
        .build();
  }

  private static JdbcSource<Long, String> byNumber(String column) {
    return JdbcSource.<Long, String>builder(database)
        .query("select * from item where id = ?")
        .rowMapper(row -> row.getString("name"))
        .versionNumber(column)
        .build();
  }

  private static JdbcSource<Long, String> source(String query, String timestampColumn) {
    return source(query, timestampColumn, database);
  }

  private static JdbcSource<Long, String> source(
      String query, String timestampColumn, DataSource dataSource) {
    return JdbcSource.<Long, String>builder(dataSource)
        .query(query)
        .rowMapper(row -> row.getString("name"))
        .versionTimestamp(timestampColumn)
        .build();
  }

  private static Row<String> load(String query, String timestampColumn, DataSource dataSource)
      throws SQLException {
    return source(query, timestampColumn, dataSource).load(1L);
  }

  private static void assertInvalid(Callable<?> load, String column, String rule) {
    assertThatExceptionOfType(InvalidVersionException.class)
        .isThrownBy(load::call)
        .withMessageStartingWith("key 1: column " + column + " ")
        .withMessageContaining(rule);
  }

  private static DataSource autocommitOff() {
    return handingOut(connection -> connection.setAutoCommit(false));
  }

  /** The database, each of whose connections is prepared before it is handed out. */
  private static DataSource handingOut(Databases.Preparation preparation) {
    return Databases.of(database::getConnection, preparation);
  }

  private static int openConnections() throws SQLException {
    return number("select count(*) from pg_stat_activity where application_name = 'source'");
  }

  private static int count(String table) throws SQLException {
    return number("select count(*) from " + table);
  }

  private static int number(String sql) throws SQLException {
    try (Connection connection = SharedPostgres.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getInt(1);
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = SharedPostgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
