package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.Row;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In memory and in a file. */
@ParameterizedClass
@ValueSource(strings = {"mem", "file"})
class H2VersionsIT {
  private final String mode;
  private final Path folder;
  private JdbcConnectionPool database;
  private Connection connection;

  H2VersionsIT(String mode, @TempDir Path folder) {
    this.mode = mode;
    this.folder = folder.toAbsolutePath();
  }

  @BeforeEach
  void createTable() throws SQLException {
    database = open();
    connection = database.getConnection();
    execute("create table counter (id int primary key, n int not null, version bigint)");
    execute(H2Versions.columnSql("counter", "version"));
  }

  @AfterEach
  void dropAll() throws SQLException {
    execute("drop all objects");
    connection.close();
    database.dispose();
  }

  @Test
  void insert_intoANewTable_beginsAtTheClock() throws SQLException {
    long before = System.currentTimeMillis();
    execute("create table fresh (id int primary key, version bigint)");
    execute(H2Versions.columnSql("fresh", "version"));
    long after = System.currentTimeMillis() + 1;
    execute("insert into fresh (id) values (1)");

    assertThat(number("select version from fresh"))
        .isBetween(TimeUnit.MILLISECONDS.toMicros(before), TimeUnit.MILLISECONDS.toMicros(after));
  }

  @Test
  void columnSql_rowsWithVersions_givesThemGreaterOnes() throws SQLException {
    execute("create table other (id int primary key, version bigint not null)");
    execute("insert into other values (1, 5000000000000000), (2, 7)");

    execute(H2Versions.columnSql("other", "version"));

    assertThat(number("select min(version) from other")).isGreaterThan(5000000000000000L);
    assertThat(number("select count(distinct version) from other")).isEqualTo(2);
  }

  @Test
  void update_ofAnything_grows() throws SQLException {
    long first = insert(1);
    long second = number("select version from final table (update counter set n = 5)");
    long third = number("select version from final table (update counter set n = n)");
    execute("merge into counter (id, n) key (id) values (1, 6)");
    long fourth = number("select version from counter");
    execute(
        "merge into counter using (values (1, 7)) as v (id, n) on counter.id = v.id"
            + " when matched then update set n = v.n");
    long fifth = number("select version from counter");

    assertThat(new long[] {first, second, third, fourth, fifth}).isSorted().doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update counter set version = 1",
        "insert into counter values (2, 0, 1)",
        "insert into counter (id, n, version) overriding system value values (2, 0, 1)",
        "merge into counter key (id) values (1, 0, 1)"
      })
  void write_explicitVersion_isRefused(String sql) throws SQLException {
    insert(1);

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(sql))
        .withMessageContaining("Generated column")
        .withMessageContaining("cannot be assigned");
  }

  @Test
  void update_twiceInOneTransaction_growsTwice() throws SQLException {
    connection.setAutoCommit(false);
    long first = insert(1);
    long second = number("select version from final table (update counter set n = 1)");
    long third = number("select version from final table (update counter set n = 2)");
    connection.commit();
    connection.setAutoCommit(true);

    assertThat(second).isGreaterThan(first);
    assertThat(third).isGreaterThan(second);
  }

  @Test
  void update_rolledBack_neverGivesTheVersionAgain() throws SQLException {
    long first = insert(1);
    connection.setAutoCommit(false);
    long lost = number("select version from final table (update counter set n = 1)");
    connection.rollback();
    connection.setAutoCommit(true);

    assertThat(number("select version from counter")).isEqualTo(first);
    assertThat(number("select version from final table (update counter set n = 1)"))
        .isGreaterThan(lost);
  }

  @Test
  void update_waitsForAnotherThatUpdatesAgain_isTheNewest() throws Exception {
    insert(1);
    connection.setAutoCommit(false);
    execute("update counter set n = 1");
    CompletableFuture<Long> waiting =
        inBackground("select version from final table (update counter set n = n + 1)");

    long last = number("select version from final table (update counter set n = 2)");
    connection.commit();
    connection.setAutoCommit(true);

    assertThat(waiting.get()).isGreaterThan(last);
  }

  @Test
  void update_manyAtOnce_growsStrictlyInTheOrderOfTheCommits() throws Exception {
    insert(1);

    ConcurrentUpdates.assertVersionsGrow(
        8,
        500,
        database::getConnection,
        own -> {
          try (Statement statement = own.createStatement();
              ResultSet row =
                  statement.executeQuery(
                      "select n, version from final table (update counter set n = n + 1)")) {
            row.next();
            return new ConcurrentUpdates.Written(row.getInt(1), row.getLong(2));
          }
        });
  }

  @Test
  void insert_ofADeletedRow_isNewerThanItsDeletion() throws SQLException {
    long first = insert(1);
    connection.setAutoCommit(false);
    execute("delete from counter");
    Row<String> deleted = Row.deleted(number(H2Versions.deletedVersionSql("counter")));
    connection.commit();
    connection.setAutoCommit(true);

    assertThat(deleted.version().getAsLong()).isGreaterThan(first);
    assertThat(insert(1)).isGreaterThan(deleted.version().getAsLong());
  }

  @Test
  void insert_waitsForADelete_isNewerThanWhatItDeleted() throws Exception {
    insert(1);
    connection.setAutoCommit(false);
    execute("update counter set n = 1");
    long last = number("select version from counter");
    execute("delete from counter");
    CompletableFuture<Long> waiting =
        inBackground("select version from final table (insert into counter (id, n) values (1, 0))");
    connection.commit();
    connection.setAutoCommit(true);

    assertThat(waiting.get()).isGreaterThan(last);
  }

  @Test
  void restart_afterAShutdown_goesOn() throws SQLException {
    if (mode.equals("file")) {
      long before = insert(1);
      execute("checkpoint sync");
      execute("shutdown immediately");
      database.dispose();
      database = open();
      connection = database.getConnection();

      assertThat(number("select version from final table (update counter set n = 1)"))
          .isGreaterThan(before);
    }
  }

  @Test
  void update_bySessionOfAnotherSchema_grows() throws SQLException {
    long first = insert(1);
    execute("create schema elsewhere");
    execute("set schema elsewhere");

    execute("update public.counter set n = 5");

    assertThat(number("select version from public.counter")).isGreaterThan(first);
    execute("set schema public");
  }

  @Test
  void columnSql_again_changesNothing() throws SQLException {
    long version = insert(1);
    execute(H2Versions.columnSql("counter", "version"));
    execute(H2Versions.columnSql("public.counter", "Version"));

    assertThat(number("select version from counter")).isEqualTo(version);
    assertThat(number("select version from final table (update counter set n = 1)"))
        .isEqualTo(version + 1);
  }

  @Test
  void columnSql_oddNames_works() throws SQLException {
    String table = "\"Odd ''schema\"\".x\".\"Täble; -- ${column} \n $1 ';\"";
    String column = "\"Last '\"\"change%.\"";
    execute("create schema \"Odd ''schema\"\".x\"");
    execute("create table " + table + " (id int, " + column + " bigint)");
    execute(H2Versions.columnSql(table, column));
    execute(H2Versions.columnSql(table, column));

    String read = "select " + column + " from final table ";
    long first = number(read + "(insert into " + table + " (id) values (1))");
    long second = number(read + "(update " + table + " set id = 1)");

    assertThat(second).isGreaterThan(first);
    assertThat(number(H2Versions.deletedVersionSql(table))).isGreaterThan(second);
  }

  /** The settings decide what a name without quotes means. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "DATABASE_TO_LOWER=TRUE",
        "DATABASE_TO_UPPER=FALSE",
        "CASE_INSENSITIVE_IDENTIFIERS=TRUE",
        "DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
        "MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH",
        "MODE=MySQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
        "MODE=Oracle",
        "MODE=MSSQLServer"
      })
  void columnSql_anySettings_works(String settings) throws SQLException {
    JdbcConnectionPool other =
        JdbcConnectionPool.create(
            "jdbc:h2:%s:%s;%s".formatted(mode, folder.resolve("other"), settings), "", "");
    try (Connection own = other.getConnection();
        Statement statement = own.createStatement()) {
      statement.execute("create schema Shop");
      statement.execute("create table Shop.Item (id int primary key, Version bigint)");
      statement.execute("create table \"Odd\" (id int primary key, \"versioN\" bigint)");
      for (int i = 0; i < 2; i++) {
        statement.execute(H2Versions.columnSql("Shop.Item", "Version"));
        statement.execute(H2Versions.columnSql("\"Odd\"", "\"versioN\""));
      }

      statement.execute("insert into Shop.Item (id) values (1)");
      statement.execute("insert into \"Odd\" (id) values (1)");
      assertThat(number(own, H2Versions.deletedVersionSql("Shop.Item")))
          .isEqualTo(number(own, "select Version + 1 from Shop.Item"));
      assertThat(number(own, H2Versions.deletedVersionSql("\"Odd\"")))
          .isEqualTo(number(own, "select \"versioN\" + 1 from \"Odd\""));
      JdbcSource<Integer, Integer> source =
          JdbcSource.<Integer, Integer>builder(other)
              .query("select * from Shop.Item where id = ?")
              .rowMapper(row -> row.getInt("id"))
              .versionNumber("Version")
              .build();
      assertThat(source.check()).isEmpty();
      statement.execute("drop all objects");
    } finally {
      other.dispose();
    }
  }

  @Test
  void columnSql_renamedTable_goesOnFromItsFormerSequence() throws SQLException {
    execute("alter sequence counter_tidemark_version restart with 5000000000000000");
    execute("insert into counter (id, n) values (1, 0), (2, 0)");
    long deleted = number(H2Versions.deletedVersionSql("counter"));
    execute("alter table counter rename to renamed");

    execute(H2Versions.columnSql("renamed", "version"));

    assertThat(number("select min(version) from renamed")).isGreaterThan(deleted);
    assertThat(number(H2Versions.deletedVersionSql("renamed")))
        .isEqualTo(number("select max(version) + 1 from renamed"));
  }

  @Test
  void columnSql_sequenceOfATableThatWasDropped_beginsAboveTheRows() throws SQLException {
    execute("drop table counter");
    execute("create table counter (id int primary key, n int, version bigint)");
    execute("insert into counter values (1, 0, 5000000000000000)");

    execute(H2Versions.columnSql("counter", "version"));

    assertThat(number("select version from counter")).isGreaterThan(5000000000000000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int", "varchar", "timestamp with time zone", "numeric(20)"})
  void columnSql_columnThatIsNoBigint_failsAndNamesIt(String type) throws SQLException {
    execute("create table wrong (changed " + type + ")");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(H2Versions.columnSql("wrong", "changed")))
        .withMessageContaining("column changed of table wrong is no bigint");
    execute("insert into wrong values (null)");
    assertThat(number("select count(*) from information_schema.sequences")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"generated always as identity", "generated always as (1)"})
  void columnSql_columnThatIsGeneratedOtherwise_fails(String how) throws SQLException {
    execute("create table wrong (id int, changed bigint " + how + ")");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(H2Versions.columnSql("wrong", "changed")))
        .withMessageContaining("is generated in another way");
  }

  @Test
  void columnSql_noSuchColumnOrTable_failsAndNamesThem() {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(H2Versions.columnSql("counter", "changed")))
        .withMessageContaining("table counter has no column changed");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(H2Versions.columnSql("nowhere", "version")))
        .withMessageContaining("table nowhere has no column version");
  }

  @Test
  void load_byVersionNumber_givesTheVersion() throws SQLException {
    long version = insert(1);
    JdbcSource<Integer, Integer> source =
        JdbcSource.<Integer, Integer>builder(database)
            .query("select * from counter where id = ?")
            .rowMapper(row -> row.getInt("n"))
            .versionNumber("version")
            .build();

    assertThat(source.load(1)).isEqualTo(Row.present(0, version));
  }

  private JdbcConnectionPool open() {
    return JdbcConnectionPool.create(
        "jdbc:h2:%s:%s;LOCK_TIMEOUT=20000".formatted(mode, folder.resolve("counter")), "", "");
  }

  private long insert(int id) throws SQLException {
    return number(
        "select version from final table (insert into counter (id, n) values (" + id + ", 0))");
  }

  /** Starts a query on a connection of its own, which waits for the open transaction. */
  private CompletableFuture<Long> inBackground(String sql) {
    CompletableFuture<Long> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (Connection own = database.getConnection()) {
                result.complete(number(own, sql));
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    thread.start();
    await()
        .until(
            () ->
                number(
                        "select count(*) from information_schema.sessions where blocker_id is not null")
                    == 1);
    assertThat(result).isNotDone();
    return result;
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    return number(connection, sql);
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }
}
