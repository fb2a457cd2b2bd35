package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.Row;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the tombstones of any database do. Row 1 is there before each test, with a version in the
 * future, as if the clock had been set back since: whoever trusts the clock alone fails.
 */
abstract class TombstonesContract {
  static final long FUTURE =
      ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"));

  /** SQLSTATE of a transaction that should be repeated. */
  private static final String SERIALIZATION_FAILURE = "40001";

  private static final int MAX_ATTEMPTS = 1_000;

  private Connection connection;

  abstract Connection connect() throws SQLException;

  /** The type of the column {@code version}. */
  abstract String versionType();

  /** The column {@code version} in microseconds. */
  abstract String versionMicros();

  /** Microseconds as a value of the column {@code version}. */
  abstract String versionOf(long micros);

  abstract List<String> triggerSql(String table);

  abstract List<String> tombstoneSql(String table, String... keyColumns);

  /** The query that counts the connections that wait for another one's transaction. */
  abstract String waitersSql();

  /** The prune that the documentation gives, for the table {@code counter}. */
  abstract String pruneSql();

  abstract JdbcSourceBuilder<Integer, Integer> version(JdbcSourceBuilder<Integer, Integer> builder);

  @BeforeEach
  void createTables() throws SQLException {
    connection = connect();
    execute(
        "create table counter (id int primary key, n int not null, version " + versionType() + ")");
    execute("create table ordering (n int not null)");
    execute("insert into ordering values (0)");
    execute("insert into counter values (1, 0, " + versionOf(FUTURE) + ")");
    execute(triggerSql("counter"));
    execute(tombstoneSql("counter", "id"));
  }

  @AfterEach
  void dropTables() throws SQLException {
    connection.close();
    connection = connect();
    execute("drop table counter");
    execute("drop table counter_tombstone");
    execute("drop table ordering");
    connection.close();
  }

  @Test
  void delete_leavesAVersionAboveTheRows_readableInItsTransaction() throws SQLException {
    connection.setAutoCommit(false);
    execute("delete from counter where id = 1");
    long deleted = tombstone(1);
    connection.commit();
    connection.setAutoCommit(true);

    assertThat(deleted).isGreaterThan(FUTURE);
    assertThat(tombstone(1)).isEqualTo(deleted);
  }

  @Test
  void insert_ofADeletedRow_isNewerAndRemovesTheTombstone() throws SQLException {
    execute("delete from counter");
    long deleted = tombstone(1);

    insert(connection, 1);

    assertThat(version(1)).isGreaterThan(deleted);
    assertThat(tombstones()).isZero();
  }

  @Test
  void insert_ofAnotherRow_takesTheClock() throws SQLException {
    execute("delete from counter");

    insert(connection, 2);

    assertThat(version(2)).isLessThan(FUTURE);
    assertThat(tombstones()).isEqualTo(1);
  }

  @Test
  void deleteAndInsert_inTurn_growEachTime() throws SQLException {
    long last = FUTURE;
    for (int i = 0; i < 3; i++) {
      execute("delete from counter");
      long deleted = tombstone(1);
      assertThat(deleted).isGreaterThan(last);
      insert(connection, 1);
      last = version(1);
      assertThat(last).isGreaterThan(deleted);
    }
  }

  @Test
  void deleteAndInsert_inOneTransaction_grow() throws SQLException {
    connection.setAutoCommit(false);
    execute("delete from counter");
    insert(connection, 1);
    execute("update counter set n = 1");
    execute("delete from counter");
    insert(connection, 1);
    connection.commit();
    connection.setAutoCommit(true);

    assertThat(version(1)).isGreaterThanOrEqualTo(FUTURE + 3);
    assertThat(tombstones()).isZero();
  }

  @Test
  void rollback_ofADelete_leavesNoTombstone() throws SQLException {
    connection.setAutoCommit(false);
    execute("delete from counter");
    connection.rollback();
    connection.setAutoCommit(true);

    assertThat(tombstones()).isZero();
  }

  @Test
  void rollback_ofAnInsert_leavesTheTombstone() throws SQLException {
    execute("delete from counter");
    long deleted = tombstone(1);
    connection.setAutoCommit(false);
    insert(connection, 1);
    connection.rollback();
    connection.setAutoCommit(true);

    assertThat(tombstone(1)).isEqualTo(deleted);
  }

  @Test
  void insert_waitsForAnOpenDelete_isNewerOrIsToBeRepeated() throws Exception {
    connection.setAutoCommit(false);
    execute("delete from counter");
    long deleted = tombstone(1);
    CompletableFuture<Void> insert = inBackground(own -> insert(own, 1));

    connection.commit();
    connection.setAutoCommit(true);

    if (!isDone(insert)) {
      insert(connection, 1);
    }
    assertThat(version(1)).isGreaterThan(deleted);
    assertThat(tombstones()).isZero();
  }

  /** The insert's version is set before the wait, and the row has a newer one after it. */
  @Test
  void insert_waitsForAnUpdateThatIsFollowedByADelete_isNewerOrOneOfThemIsToBeRepeated()
      throws Exception {
    connection.setAutoCommit(false);
    execute("update counter set n = 1");
    CompletableFuture<Void> insert = inBackground(own -> insert(own, 1));

    boolean deleted = tryDelete(connection);
    long deletedVersion = deleted ? tombstone(1) : 0;
    connection.commit();
    connection.setAutoCommit(true);
    boolean inserted = isDone(insert);

    assertThat(deleted || !inserted).isTrue();
    if (deleted) {
      if (!inserted) {
        insert(connection, 1);
      }
      assertThat(version(1)).isGreaterThan(deletedVersion);
      assertThat(tombstones()).isZero();
    }
  }

  @Test
  void insert_inASnapshotFromBeforeTheDelete_isNewerOrIsToBeRepeated() throws SQLException {
    try (Connection old = connect()) {
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      old.setAutoCommit(false);
      number(old, "select n from counter where id = 1");
      execute("delete from counter");

      if (!tryInsert(old)) {
        old.rollback();
        insert(old, 1);
      }
      old.commit();
    }

    assertThat(version(1)).isGreaterThan(FUTURE + 1);
    assertThat(tombstones()).isZero();
  }

  @Test
  void insert_ofNeighboursInOpenTransactions_doNotWaitForEachOther() throws SQLException {
    execute("delete from counter");
    try (Connection other = connect()) {
      connection.setAutoCommit(false);
      other.setAutoCommit(false);
      for (int id = 10; id < 30; id += 2) {
        insert(connection, id);
        insert(other, id + 1);
      }
      execute("delete from counter where id = 10");
      execute(other, "delete from counter where id = 11");
      connection.commit();
      other.commit();
      connection.setAutoCommit(true);
    }

    assertThat(number("select count(*) from counter")).isEqualTo(18);
    assertThat(tombstones()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ})
  void deleteAndInsert_manyAtOnce_growInTheOrderOfTheCommits(int isolation) throws Exception {
    ConcurrentUpdates.assertVersionsGrow(
        8,
        40,
        () -> {
          Connection own = connect();
          own.setTransactionIsolation(isolation);
          own.setAutoCommit(false);
          return own;
        },
        this::deleteOrInsert);
  }

  @Test
  void update_ofTheKey_isADeleteAndAnInsert() throws SQLException {
    execute("insert into counter values (2, 0, " + versionOf(0) + ")");
    execute("delete from counter where id = 1");
    long deleted = tombstone(1);

    execute("update counter set id = 1");

    assertThat(version(1)).isGreaterThan(deleted);
    assertThat(number("select id from counter_tombstone")).isEqualTo(2);
    assertThat(tombstone(2)).isLessThan(FUTURE + 1_000_000);
  }

  @Test
  void update_ofTheKeyOfARow_leavesATombstoneAboveIt() throws SQLException {
    execute("update counter set id = 2");

    assertThat(tombstone(1)).isGreaterThan(FUTURE);
    assertThat(tombstones()).isEqualTo(1);
  }

  @Test
  void update_ofAnythingElse_leavesNoTombstone() throws SQLException {
    execute("update counter set n = 1, id = 1");

    assertThat(version(1)).isEqualTo(FUTURE + 1);
    assertThat(tombstones()).isZero();
  }

  @Test
  void insert_ofARowThatExists_failsAndLeavesNothing() throws SQLException {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> insert(connection, 1))
        .satisfies(e -> assertThat(e.getSQLState()).startsWith("23"));
    assertThat(tombstones()).isZero();
    assertThat(version(1)).isEqualTo(FUTURE);
  }

  @Test
  void install_keyOfTwoColumns_works() throws SQLException {
    execute(
        "create table pair (a int, b varchar(9), version "
            + versionType()
            + ", primary key (b, a))");
    execute(triggerSql("pair"));
    execute(tombstoneSql("pair", "a", "b"));
    execute(
        "insert into pair values (1, 'x', " + versionOf(0) + "), (1, 'y', " + versionOf(0) + ")");

    execute("delete from pair where b = 'x'");
    execute("update pair set a = 2");
    assertThat(number("select count(*) from pair_tombstone where a = 1")).isEqualTo(2);
    execute("insert into pair values (1, 'x', " + versionOf(0) + ")");

    assertThat(number("select count(*) from pair_tombstone where a = 1 and b = 'y'")).isEqualTo(1);
    assertThat(number("select count(*) from pair_tombstone")).isEqualTo(1);
    execute("drop table pair");
    execute("drop table pair_tombstone");
  }

  @Test
  void install_again_changesNothing() throws SQLException {
    execute("delete from counter");
    long deleted = tombstone(1);

    execute(triggerSql("counter"));
    execute(tombstoneSql("counter", "id"));

    assertThat(tombstone(1)).isEqualTo(deleted);
    insert(connection, 1);
    assertThat(version(1)).isGreaterThan(deleted);
    assertThat(tombstones()).isZero();
  }

  @Test
  void install_withoutTheVersionTriggers_failsAndMakesNothing() throws SQLException {
    execute("create table bare (id int primary key, version " + versionType() + ")");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(tombstoneSql("bare", "id")))
        .withMessageContaining("for the versions in column");
    assertNoTable("bare_tombstone");
    execute("drop table bare");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "d", "b,c", "a,b,c"})
  void install_keyThatIsNotUniqueOrMayBeNull_failsAndMakesNothing(String key) throws SQLException {
    execute(
        "create table odd (a int, b int, c int not null, d int unique, version "
            + versionType()
            + ", primary key (a, b))");
    execute(triggerSql("odd"));

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(tombstoneSql("odd", key.split(","))))
        .withMessageContaining("is not unique and not null");
    assertNoTable("odd_tombstone");
    execute("drop table odd");
  }

  @Test
  void load_withATombstoneQuery_givesTheVersionOfTheDeletion() throws SQLException {
    JdbcSource<Integer, Integer> source =
        version(
                JdbcSource.<Integer, Integer>builder(database())
                    .query("select * from counter where id = ?")
                    .tombstoneQuery("select * from counter_tombstone where id = ?")
                    .rowMapper(row -> row.getInt("n")))
            .build();
    assertThat(source.load(1)).isEqualTo(Row.present(0, FUTURE));
    assertThat(source.load(2)).isEqualTo(Row.absent());

    execute("delete from counter");

    assertThat(source.load(1)).isEqualTo(Row.deleted(tombstone(1)));
    insert(connection, 1);
    assertThat(source.load(1)).isEqualTo(Row.present(0, version(1)));
  }

  @Test
  void prune_removesWhatTheClockIsPast() throws SQLException {
    insert(connection, 2);
    execute("delete from counter");
    execute("insert into counter_tombstone (id, version) values (3, " + versionOf(1) + ")");

    execute(pruneSql());

    assertThat(number("select count(*) from counter_tombstone where id in (1, 2)")).isEqualTo(2);
    assertThat(tombstones()).isEqualTo(2);
  }

  /** Deletes row 1 or inserts it, and tells its version and the commit's place among all. */
  private ConcurrentUpdates.Written deleteOrInsert(Connection own) throws SQLException {
    SQLException last = new SQLException("never tried");
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try (Statement statement = own.createStatement()) {
        String written = "counter_tombstone";
        if (statement.executeUpdate("delete from counter where id = 1") == 0) {
          insert(own, 1);
          written = "counter";
        }
        long version =
            number(own, "select " + versionMicros() + " from " + written + " where id = 1");
        // Locked until the commit, so that its order is theirs.
        statement.execute("update ordering set n = n + 1");
        int number = (int) number(own, "select n from ordering");
        own.commit();
        return new ConcurrentUpdates.Written(number, version);
      } catch (SQLException e) {
        own.rollback();
        String state = e.getSQLState();
        // Somebody else did it, or it is to be repeated.
        if (!state.startsWith("23") && !state.startsWith("40")) {
          throw e;
        }
        last = e;
      }
    }
    throw last;
  }

  /**
   * Whether a statement in the background succeeded; otherwise its transaction is to be repeated.
   */
  private static boolean isDone(CompletableFuture<Void> statement) {
    try {
      statement.join();
      return true;
    } catch (CompletionException e) {
      assertThat(e.getCause())
          .isInstanceOfSatisfying(
              SQLException.class,
              cause -> assertThat(cause.getSQLState()).matches(SERIALIZATION_FAILURE + "|23.*"));
      return false;
    }
  }

  private boolean tryDelete(Connection own) throws SQLException {
    return tryOnce(own, "delete from counter where id = 1");
  }

  private boolean tryInsert(Connection own) throws SQLException {
    return tryOnce(own, insertSql(1));
  }

  private static boolean tryOnce(Connection own, String sql) throws SQLException {
    try {
      execute(own, sql);
      return true;
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo(SERIALIZATION_FAILURE);
      return false;
    }
  }

  /** Runs on a connection of its own, which is seen to wait for the open transaction. */
  private CompletableFuture<Void> inBackground(Work work) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (Connection own = connect()) {
                work.run(own);
                result.complete(null);
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    thread.start();
    await().until(() -> result.isDone() || number(waitersSql()) == 1);
    assertThat(result).isNotDone();
    return result;
  }

  private void assertNoTable(String table) throws SQLException {
    assertThat(
            number(
                "select count(*) from information_schema.tables where table_name = '"
                    + table
                    + "'"))
        .isZero();
  }

  private DataSource database() {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> connect());
  }

  private void insert(Connection own, int id) throws SQLException {
    execute(own, insertSql(id));
  }

  private String insertSql(int id) {
    return "insert into counter values (" + id + ", 0, " + versionOf(0) + ")";
  }

  private long version(int id) throws SQLException {
    return number("select " + versionMicros() + " from counter where id = " + id);
  }

  private long tombstone(int id) throws SQLException {
    return number("select " + versionMicros() + " from counter_tombstone where id = " + id);
  }

  private long tombstones() throws SQLException {
    return number("select count(*) from counter_tombstone");
  }

  private void execute(List<String> statements) throws SQLException {
    for (String sql : statements) {
      execute(sql);
    }
  }

  final void execute(String sql) throws SQLException {
    execute(connection, sql);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  final long number(String sql) throws SQLException {
    return number(connection, sql);
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).as(sql).isTrue();
      return result.getLong(1);
    }
  }

  /** What a connection is used for. */
  @FunctionalInterface
  private interface Work {
    void run(Connection connection) throws SQLException;
  }
}
