package io.tidemark.jdbc;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.BulkReadResult;
import io.tidemark.InvalidVersionException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Finding;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads of several keys: the same rows as of each key alone, with few statements. */
@ResourceLock(SharedPostgres.LOCK)
@ResourceLock(MariaDbServer.LOCK)
class JdbcBulkIT {
  private static final String QUERY = "select * from bulk_item where id = ?";

  private static final List<Database> DATABASES =
      List.of(Database.POSTGRESQL, Database.MARIADB, Database.H2);

  /** The SQL of each statement that the source prepared. */
  private final List<String> prepared = new CopyOnWriteArrayList<>();

  private final List<Connection> opened = new CopyOnWriteArrayList<>();

  enum Database {
    POSTGRESQL,
    MARIADB,
    MARIADB_BY_MYSQL_DRIVER,
    H2;

    Connection connect() throws SQLException {
      try {
        return switch (this) {
          case POSTGRESQL -> SharedPostgres.connect();
          case MARIADB -> MariaDbServer.shared().connect();
          case MARIADB_BY_MYSQL_DRIVER -> MariaDbServer.shared().connectByMySqlDriver();
          case H2 -> DriverManager.getConnection("jdbc:h2:mem:bulk;DB_CLOSE_DELAY=-1");
        };
      } catch (java.io.IOException | InterruptedException e) {
        throw new SQLException(e);
      }
    }

    void execute(String... statements) throws SQLException {
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        for (String sql : statements) {
          statement.execute(sql);
        }
      }
    }
  }

  @BeforeAll
  static void createTables() throws SQLException {
    for (Database database : DATABASES) {
      database.execute(
          "create table bulk_item (id bigint primary key, name varchar(20), version bigint)",
          "create table bulk_gone (id bigint primary key, version bigint)",
          "insert into bulk_gone values (4, 40), (5, 50)",
          "insert into bulk_item values (1, 'one', 10), (2, 'two', 20), (3, 'three', 30)",
          "insert into bulk_item values (98, null, 1), (99, 'before', -3)");
      String rows =
          LongStream.range(1000, 1200)
              .filter(id -> id % 3 > 0)
              .mapToObj("(%1$d, 'many', %1$d)"::formatted)
              .collect(joining(", "));
      database.execute("insert into bulk_item values " + rows);
    }
  }

  @AfterAll
  static void dropTables() throws SQLException {
    for (Database database : DATABASES) {
      for (String table : List.of("item", "gone", "type", "key", "code")) {
        database.execute("drop table if exists bulk_" + table);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void loadAll_someKeysWithoutRows_returnsWhatLoadReturns(Database database) throws SQLException {
    JdbcSource<Long, String> source = source(database, QUERY);

    for (int keys : List.of(1, 2, 4, 5, 16, 17, 64, 65, 200)) {
      assertLikeLoad(source, LongStream.range(1000, 1000 + keys).boxed().toList());
    }
    assertThat(source.loadAll(List.of(0L, -1L))).isEmpty();
    assertThat(source.loadAll(List.of(2L, 2L, 1L))).containsOnlyKeys(1L, 2L);
  }

  @ParameterizedTest
  @CsvSource({"POSTGRESQL, 1", "MARIADB, 2", "MARIADB_BY_MYSQL_DRIVER, 2", "H2, 100"})
  void loadAll_hundredKeys_needsFewStatements(Database database, int statements)
      throws SQLException {
    JdbcSource<Long, String> source = source(database, QUERY);
    source.loadAll(List.of(1L, 2L)); // The first one also asks for the types of the columns.
    prepared.clear();

    source.loadAll(LongStream.range(1100, 1200).boxed().toList());

    assertThat(prepared).hasSize(statements);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "H2")
  void loadAll_anyNumberOfKeys_preparesFewDifferentStatements(Database database)
      throws SQLException {
    JdbcSource<Long, String> source = source(database, QUERY);

    for (int keys = 1; keys <= 64; keys++) {
      source.loadAll(LongStream.range(0, keys).boxed().toList());
    }

    assertThat(prepared.stream().distinct().toList())
        .hasSize(database == Database.POSTGRESQL ? 2 : 4);
  }

  @ParameterizedTest
  @EnumSource
  void loadAll_severalParameters_areTheUsers(Database database) throws SQLException {
    JdbcSource<Item, String> source =
        JdbcSource.<Item, String>builder(counting(database))
            .query("select * from bulk_item where name = ? and id = ?")
            .tombstoneQuery("select * from bulk_gone where '' <> ? and id = ?")
            .parameters(
                (statement, key) -> {
                  statement.setString(1, key.name());
                  statement.setLong(2, key.id());
                })
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version")
            .build();

    assertThat(
            source.loadAll(
                List.of(
                    new Item("one", 1),
                    new Item("one", 2),
                    new Item("two", 2),
                    new Item("four", 4))))
        .isEqualTo(
            Map.of(
                new Item("one", 1), Row.present("one", 10),
                new Item("two", 2), Row.present("two", 20),
                new Item("four", 4), Row.deleted(40)));
  }

  @ParameterizedTest
  @CsvSource({"POSTGRESQL, 2", "MARIADB, 2", "H2, 5"})
  void loadAll_tombstones_areReadForTheKeysWithoutARow(Database database, int statements)
      throws SQLException {
    JdbcSource<Long, String> source =
        builder(database, QUERY).tombstoneQuery("select * from bulk_gone where id = ?").build();
    source.loadAll(List.of(8L, 9L));
    prepared.clear();

    assertThat(source.loadAll(List.of(5L, 1L, 6L)))
        .isEqualTo(Map.of(1L, Row.present("one", 10), 5L, Row.deleted(50)));
    assertThat(prepared).hasSize(statements);
  }

  @ParameterizedTest
  @EnumSource
  void loadAll_ttlOfARow_isItsTimeToLive(Database database) throws SQLException {
    JdbcSource<Long, String> source =
        builder(database, QUERY).ttl(row -> Duration.ofSeconds(row.getLong("id"))).build();

    assertThat(source.loadAll(List.of(1L, 2L)))
        .containsEntry(2L, Row.present("two", 20, Duration.ofSeconds(2)));
  }

  /**
   * Each type with a value.
   *
   * @param shared whether the keys share a statement, although this mapper asks for objects
   */
  @ParameterizedTest
  @MethodSource
  void loadAll_columnOfAnyType_isReadAsByLoad(
      Database database, boolean shared, List<String> typesAndValues) throws SQLException {
    List<String[]> parts = typesAndValues.stream().map(each -> each.split(": ", 2)).toList();
    String columns =
        IntStream.range(0, parts.size())
            .mapToObj(i -> ", x" + i + " " + parts.get(i)[0])
            .collect(joining());
    String values = parts.stream().map(part -> ", " + part[1]).collect(joining());
    database.execute(
        "drop table if exists bulk_type",
        "create table bulk_type (id int primary key, version bigint" + columns + ")",
        "insert into bulk_type values (1, 1" + values + ")",
        "insert into bulk_type (id, version) values (2, 2)");
    JdbcSource<Integer, Map<String, Object>> source =
        JdbcSource.<Integer, Map<String, Object>>builder(counting(database))
            .query("select * from bulk_type where id = ?")
            .rowMapper(JdbcBulkIT::everything)
            .versionNumber("version")
            .build();

    assertLikeLoad(source, List.of(1, 2, 3));
    prepared.clear();
    source.loadAll(List.of(1, 2, 3));
    assertThat(prepared).hasSize(shared ? 1 : 3);
  }

  static List<Arguments> loadAll_columnOfAnyType_isReadAsByLoad() {
    List<String> postgres =
        List.of(
            "char(5): 'ab'",
            "text: 'é%s'",
            "numeric(10, 2): 1.50",
            "numeric: 1e3",
            "timestamptz: now()",
            "timestamp: '2026-11-22 10:00'",
            "date: '2026-11-22'",
            "bytea: '\\x00ff'",
            "jsonb: '{\"a\": 1}'",
            "uuid: '00000000-0000-0000-0000-000000000001'",
            "int[]: '{1,2}'",
            "bool: true",
            "bit(3): '101'");
    List<String> mariaDb =
        List.of(
            "char(5): 'ab'",
            "varchar(10) collate utf8mb4_bin: 'é'",
            "decimal(10, 2): 1.50",
            "tinyint: 5",
            "bigint unsigned: 18446744073709551615",
            "year: 2026",
            "enum('a', 'b'): 'b'",
            "set('a', 'b'): 'a,b'",
            "json: '{\"a\": 1}'",
            "datetime(6): now(6)",
            "timestamp(3) null: now(3)",
            "date: '2026-11-22'",
            "time(2): '10:00:00.25'",
            "binary(3): 'ab'",
            "blob: x'00ff'",
            "longtext: 'é'",
            "float: 1.1",
            "mediumint: 7");
    List<Arguments> types = new ArrayList<>();
    types.add(arguments(Database.POSTGRESQL, true, postgres));
    types.add(arguments(Database.MARIADB, true, mariaDb));
    types.add(arguments(Database.MARIADB_BY_MYSQL_DRIVER, true, mariaDb));
    types.add(arguments(Database.MARIADB, false, List.of("int(5) zerofill: 7")));
    types.add(arguments(Database.MARIADB, false, List.of("tinyint(1): true")));
    types.add(arguments(Database.MARIADB_BY_MYSQL_DRIVER, false, List.of("tinyint(1): true")));
    types.add(arguments(Database.MARIADB, false, List.of("bit(1): b'1'")));
    types.add(arguments(Database.MARIADB_BY_MYSQL_DRIVER, false, List.of("bit(1): b'1'")));
    types.add(arguments(Database.MARIADB, true, List.of("bit(9): b'100000001'")));
    types.add(arguments(Database.MARIADB_BY_MYSQL_DRIVER, false, List.of("bit(9): b'100000001'")));
    return types;
  }

  /** What most mappers call of a boolean does not depend on the type of the column. */
  @ParameterizedTest
  @ValueSource(strings = {"tinyint(1)", "bit(1)"})
  void loadAll_booleanReadAsOne_isSharedByTheKeys(String type) throws SQLException {
    for (Database database : List.of(Database.MARIADB, Database.MARIADB_BY_MYSQL_DRIVER)) {
      database.execute(
          "drop table if exists bulk_type",
          "create table bulk_type (id int primary key, version bigint, x " + type + ")",
          "insert into bulk_type values (1, 1, 1), (2, 2, 0)");
      JdbcSource<Integer, Boolean> source =
          JdbcSource.<Integer, Boolean>builder(counting(database))
              .query("select * from bulk_type where id = ?")
              .rowMapper(row -> row.getBoolean("x"))
              .versionNumber("version")
              .build();

      prepared.clear();
      assertThat(source.loadAll(List.of(1, 2)))
          .isEqualTo(Map.of(1, Row.present(true, 1), 2, Row.present(false, 2)));
      assertOneStatement();
    }
  }

  @ParameterizedTest
  @MethodSource
  void loadAll_keyOfAnyType_findsWhatLoadFinds(String type, List<Object> keys) throws SQLException {
    Database.POSTGRESQL.execute(
        "drop table if exists bulk_key; create table bulk_key (id %s primary key, version bigint)"
            .formatted(type),
        "insert into bulk_key values ('%s', 7)".formatted(keys.get(0)));
    JdbcSource<Object, String> source =
        JdbcSource.<Object, String>builder(counting(Database.POSTGRESQL))
            .query("select * from bulk_key where id = ?")
            .rowMapper(row -> row.getString("id"))
            .versionNumber("version")
            .build();

    assertThat(source.loadAll(keys)).containsKey(keys.get(0));
    assertOneStatement();
    assertLikeLoad(source, keys);
  }

  static Stream<Arguments> loadAll_keyOfAnyType_findsWhatLoadFinds() {
    return Stream.of(
        arguments("bigint", List.of(1L, Long.MAX_VALUE)),
        arguments("int", List.of(1L, Long.MAX_VALUE)),
        arguments("int", List.of(1, 2)),
        arguments("smallint", List.of((short) 1, (short) 2)),
        arguments("numeric", List.of(new BigDecimal("1.0"), new BigDecimal("1.00"))),
        arguments("text", List.of("say \"1\", {a} \\ 2", "NULL", "", "é")),
        arguments("varchar(9)", List.of("a", "A")),
        arguments("char(5)", List.of("a", "a ", "b")),
        arguments("uuid", List.of(new UUID(0, 1), new UUID(0, 2))),
        arguments("boolean", List.of(true, false)),
        arguments("date", List.of(LocalDate.EPOCH, LocalDate.MAX.minusYears(999_000_000))),
        arguments("bigint", List.of(1L, 2)));
  }

  /** The one row is found for both, as by {@code load}; its own column names neither. */
  @ParameterizedTest
  @EnumSource(names = {"MARIADB", "MARIADB_BY_MYSQL_DRIVER"})
  void loadAll_collationIgnoresCase_findsTheRowForEachForm(Database database) throws SQLException {
    database.execute(
        "drop table if exists bulk_code",
        "create table bulk_code (code char(9) character set latin1 primary key, version bigint)",
        "insert into bulk_code values ('abc', 1)");
    JdbcSource<String, String> source =
        JdbcSource.<String, String>builder(counting(database))
            .query("select * from bulk_code where code = ?")
            .rowMapper(row -> row.getString("code"))
            .versionNumber("version")
            .build();

    assertThat(source.loadAll(List.of("abc", "ABC", "aBc ", "x")))
        .isEqualTo(
            Map.of(
                "abc", Row.present("abc", 1),
                "ABC", Row.present("abc", 1),
                "aBc ", Row.present("abc", 1)));
    assertOneStatement();
  }

  @ParameterizedTest
  @EnumSource
  void loadAll_twoRowsOfAKey_areRefusedAndNameTheKey(Database database) {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                source(database, "select * from bulk_item where id = ? or id = 3")
                    .loadAll(List.of(7L, 2L)))
        .withMessage("key 2: the query returned more than one row; a key must select at most one");
  }

  @ParameterizedTest
  @EnumSource
  void loadAll_rowThatCannotBeMapped_namesItsKey(Database database) {
    assertThatIllegalStateException()
        .isThrownBy(() -> source(database, QUERY).loadAll(List.of(1L, 98L)))
        .withMessage("key 98: the row mapper returned null; a row that exists must have a value");
    assertThatExceptionOfType(InvalidVersionException.class)
        .isThrownBy(() -> source(database, QUERY).loadAll(List.of(3L, 99L)))
        .withMessageStartingWith("key 99: column version has the version -3;");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "H2")
  void loadAll_mapperThatReadsOn_isRefused(Database database) {
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(counting(database))
            .query(QUERY)
            .rowMapper(row -> row.getString("name") + row.next())
            .versionNumber("version")
            .build();

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> source.loadAll(List.of(1L, 2L)))
        .withMessage("a row mapper must not call next(): the result has rows of other keys");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from bulk_item where id = ?;",
        "select * from bulk_item where id = ? -- the one",
        "select i.*, '?''?' as \"question?\" from bulk_item i where id = ? and name <> '%d?' -- ?",
        "select * from (select * from bulk_item) q where q.id = ? order by id limit 1",
        "select max(id) as id, max(name) as name, max(version) as version from bulk_item"
            + " where id = ? having count(*) > 0",
        "with item as (select * from bulk_item where id = ?) select * from item",
        "select * from bulk_item where id = ?::int /* ? */",
        "select * from bulk_item where id = ? and name <> '\\'",
        "select * from bulk_item where id = ? and not '{}'::jsonb ?? 'a'",
        "select * from bulk_item where id = ? and $$?$$ = $$?$$"
      })
  void loadAll_queryOfAnyShape_isOneStatement(String query) throws SQLException {
    JdbcSource<Long, String> source = source(Database.POSTGRESQL, query);

    assertThat(source.loadAll(List.of(3L, 2L, 9L)))
        .isEqualTo(Map.of(2L, Row.present("two", 20), 3L, Row.present("three", 30)));
    assertOneStatement();
    assertThat(source.check()).noneMatch(finding -> finding.problem().contains("several keys"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POSTGRESQL | with x as (update bulk_item set version = version where id = ? returning *)"
            + " select * from x",
        "MARIADB | select i.*, j.name from bulk_item i join bulk_item j using (id) where id = ?",
        "MARIADB_BY_MYSQL_DRIVER | select i.*, j.name from bulk_item i join bulk_item j using (id)"
            + " where id = ?"
      })
  void loadAll_queryThatCannotBeAPart_isAskedKeyByKeyAndReported(Database database, String query)
      throws SQLException {
    for (boolean autocommit : new boolean[] {true, false}) {
      JdbcSource<Long, String> source =
          JdbcSource.<Long, String>builder(
                  counting(database, connection -> connection.setAutoCommit(autocommit)))
              .query(query)
              .rowMapper(row -> row.getString("name"))
              .versionNumber("version")
              .build();
      assertThat(source.loadAll(List.of(1L, 2L, 9L))).hasSize(2);

      prepared.clear();
      assertThat(source.loadAll(List.of(1L, 2L, 9L))).hasSize(2);
      assertThat(prepared).containsOnly(query).hasSize(3);
      assertThat(source.check())
          .filteredOn(finding -> finding.problem().contains("part of a statement for several keys"))
          .extracting(Finding::subject)
          .containsExactly("query");
    }
  }

  @Test
  void loadAll_parametersThatDoMore_areAskedKeyByKey() throws SQLException {
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(counting(Database.POSTGRESQL))
            .query(QUERY)
            .parameters(
                (statement, key) -> {
                  statement.setFetchSize(1);
                  statement.setLong(1, key);
                })
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version")
            .build();

    assertThat(source.loadAll(List.of(1L, 2L))).containsOnlyKeys(1L, 2L);
    assertThat(prepared).containsExactly(QUERY, QUERY);
  }

  @Test
  void loadAll_parameterThatIsAnArrayOrNull_isSetAsByLoad() throws SQLException {
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(counting(Database.POSTGRESQL))
            .query("select * from bulk_item where id = any(?) and name is distinct from ?")
            .parameters(
                (statement, key) -> {
                  statement.setArray(
                      1, statement.getConnection().createArrayOf("int8", new Long[] {key}));
                  statement.setString(2, null);
                })
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version")
            .build();

    assertThat(source.loadAll(List.of(1L, 2L))).containsOnlyKeys(1L, 2L);
    assertOneStatement();
  }

  @Test
  void loadAll_databaseRefusedForAWhile_findsTheShortFormAgain() throws SQLException {
    JdbcSource<Long, String> source = source(Database.POSTGRESQL, QUERY);
    Database.POSTGRESQL.execute("alter table bulk_item rename to bulk_renamed");
    try {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> source.loadAll(List.of(1L, 2L)))
          .withMessageContaining("bulk_item");
    } finally {
      Database.POSTGRESQL.execute("alter table bulk_renamed rename to bulk_item");
    }
    prepared.clear();

    assertThat(source.loadAll(List.of(1L, 2L))).hasSize(2);
    assertThat(prepared).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void loadAll_autocommitOff_endsItsTransaction(Database database) throws SQLException {
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(
                counting(database, connection -> connection.setAutoCommit(false)))
            .query(QUERY)
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version")
            .build();

    assertThat(source.loadAll(List.of(1L, 2L))).hasSize(2);

    // It would wait for a transaction that has read.
    database.execute("alter table bulk_item add x int", "alter table bulk_item drop column x");
  }

  @ParameterizedTest
  @EnumSource(names = {"MARIADB", "H2"})
  void loadAll_readUncommitted_isRefused(Database database) {
    JdbcSource<Long, String> source =
        JdbcSource.<Long, String>builder(
                counting(
                    database,
                    connection ->
                        connection.setTransactionIsolation(
                            Connection.TRANSACTION_READ_UNCOMMITTED)))
            .query(QUERY)
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version")
            .build();

    assertThatIllegalStateException()
        .isThrownBy(() -> source.loadAll(List.of(1L, 2L)))
        .withMessageContaining("handed out a connection at READ UNCOMMITTED");
  }

  @Test
  void loadAll_keyThatTheDriverDoesNotTake_saysToSetParameters() {
    JdbcSource<Object, String> source =
        JdbcSource.<Object, String>builder(counting(Database.POSTGRESQL))
            .query(QUERY)
            .rowMapper(row -> row.getString("name"))
            .versionNumber("version")
            .build();

    for (List<Object> keys :
        List.<List<Object>>of(List.of("1", "2"), List.of(Thread.State.NEW, Thread.State.BLOCKED))) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> source.loadAll(keys))
          .withMessageContaining("the query does not take a key of java.lang.")
          .withMessageContaining("; set parameters() to put a key into the statement");
    }
  }

  @Test
  void getAll_hundredColdKeys_areReadByOneStatement() {
    try (VersionedCache<Long, String> cache = cache()) {
      List<Long> keys = LongStream.range(1000, 1100).boxed().toList();

      assertThat(cache.getAll(keys))
          .containsEntry(1000L, Optional.of("many"))
          .containsEntry(1002L, Optional.empty());
      assertThat(prepared).hasSize(1);
      cache.getAll(keys);
      assertThat(prepared).hasSize(1);
    }
  }

  @Test
  void readAll_rowsThatCannotBeRead_failForThemselves() {
    try (VersionedCache<Long, String> cache = cache()) {
      BulkReadResult<Long, String> read = cache.readAll(List.of(1L, 98L, 2L, 99L));

      assertThat(read.results()).containsOnlyKeys(1L, 2L);
      assertThat(read.failures()).containsOnlyKeys(98L, 99L);
      assertThat(read.failures().get(98L)).hasRootCauseInstanceOf(IllegalStateException.class);
    }
  }

  private VersionedCache<Long, String> cache() {
    return VersionedCache.<Long, String>builder("bulk")
        .source(source(Database.POSTGRESQL, QUERY))
        .store(InMemoryStore.create())
        .locks(LocalLocks.create())
        .codec(JsonCodec.of(String.class))
        .build();
  }

  private record Item(String name, long id) {}

  private static <K, V> void assertLikeLoad(JdbcSource<K, V> source, List<K> keys)
      throws SQLException {
    Map<K, Row<V>> expected = new HashMap<>();
    for (K key : keys) {
      Row<V> row = source.load(key);
      if (row instanceof Row.Present) {
        expected.put(key, row);
      }
    }
    assertThat(readable(source.loadAll(keys))).isEqualTo(readable(expected));
  }

  /** For all keys; beside it, a union needs to know the types of the columns once. */
  private void assertOneStatement() {
    assertThat(prepared).filteredOn(sql -> sql.contains("tidemark_key")).hasSize(1);
    assertThat(prepared).hasSizeLessThanOrEqualTo(2);
  }

  /** With the values, which rows keep out of their texts. */
  private static <K, V> Map<K, List<Object>> readable(Map<K, Row<V>> rows) {
    Map<K, List<Object>> readable = new HashMap<>();
    rows.forEach(
        (key, row) ->
            readable.put(key, List.of(row, row instanceof Row.Present<V> it ? it.value() : "")));
    return readable;
  }

  private static Map<String, Object> everything(ResultSet row) throws SQLException {
    Map<String, Object> columns = new TreeMap<>();
    ResultSetMetaData described = row.getMetaData();
    for (int i = 1; i <= described.getColumnCount(); i++) {
      Object value = row.getObject(i);
      columns.put(
          described.getColumnLabel(i),
          value == null
              ? "null"
              : value.getClass().getName()
                  + " "
                  + (value instanceof byte[] bytes ? Arrays.toString(bytes) : value)
                  + " "
                  + row.getString(i));
    }
    return columns;
  }

  private JdbcSource<Long, String> source(Database database, String query) {
    return builder(database, query).build();
  }

  private JdbcSourceBuilder<Long, String> builder(Database database, String query) {
    return JdbcSource.<Long, String>builder(counting(database))
        .query(query)
        .rowMapper(row -> row.getString("name"))
        .versionNumber("version");
  }

  private DataSource counting(Database database) {
    return counting(database, connection -> {});
  }

  /** Hands out one connection again and again, which the test closes in the end. */
  private DataSource counting(Database database, Databases.Preparation preparation) {
    AtomicReference<@Nullable Connection> pooled = new AtomicReference<>();
    return Databases.of(
        () -> {
          Connection connection = pooled.get();
          if (connection == null) {
            Connection real = database.connect();
            opened.add(real);
            preparation.prepare(real);
            connection = proxied(real, this::counted);
            pooled.set(connection);
          }
          return connection;
        });
  }

  private boolean counted(String method, Object[] arguments) {
    if (method.equals("prepareStatement")) {
      prepared.add((String) arguments[0]);
    }
    return !method.equals("close");
  }

  @AfterEach
  void closeConnections() throws SQLException {
    for (Connection connection : opened) {
      connection.close();
    }
  }

  /** Whether to go on with the call. */
  private interface Filter {
    boolean passes(String method, Object[] arguments);
  }

  private static Connection proxied(Connection connection, Filter filter) {
    return (Connection)
        Proxy.newProxyInstance(
            JdbcBulkIT.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (!filter.passes(method.getName(), arguments)) {
                return null;
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
