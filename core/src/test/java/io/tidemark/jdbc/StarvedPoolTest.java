package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.LoadFailedException;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.net.ConnectException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** Loads get no connection: callers hold all of the pool while they read, or there are none. */
class StarvedPoolTest {
  private static final String URL = "jdbc:h2:mem:starved";

  private final Semaphore connections = new Semaphore(0);
  private final Semaphore arrivals = new Semaphore(0);
  private final DataSource pool =
      Databases.named("HikariDataSource (HikariPool-1)", this::takeConnection);
  private Connection database;

  @BeforeEach
  void createTable() throws SQLException {
    database = DriverManager.getConnection(URL);
    try (Statement statement = database.createStatement()) {
      statement.execute("create table item (id int primary key, version bigint)");
      statement.execute("insert into item values (1, 7), (2, 8)");
    }
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void read_poolIsUsedUpAtTheDeadline_namesThePoolAndTheWayOut() throws Exception {
    try (HikariDataSource usedUp = hikari();
        VersionedCache<Integer, String> cache = cache(usedUp)) {
      List<Connection> held = List.of(usedUp.getConnection(), usedUp.getConnection());
      List<CompletableFuture<String>> patient =
          List.of(
              cache.getAsync(1).thenApply(value -> value.orElse("none")),
              cache.getAsync(2).thenApply(value -> value.orElse("none")));
      await()
          .until(() -> usedUp.getHikariPoolMXBean().getThreadsAwaitingConnection(), is -> is == 2);
      VersionedCache<Integer, String> hasty = hasty(cache);

      assertThatExceptionOfType(DeadlineExceededException.class)
          .isThrownBy(() -> hasty.get(1))
          .withMessage(
              "items:1: not loaded within PT0.05S; the load goes on; 2 loads wait for a connection"
                  + " of HikariDataSource (items-pool), of which 2 of 2 are in use; callers that hold"
                  + " a connection of it while they read, as in a transaction, keep it from their own"
                  + " loads: give the source a pool of its own");
      assertThatExceptionOfType(DeadlineExceededException.class)
          .isThrownBy(() -> hasty.refresh(2))
          .withMessageContaining("wait for a connection of HikariDataSource (items-pool)");

      for (Connection connection : held) {
        connection.close();
      }
      for (CompletableFuture<String> read : patient) {
        assertThat(read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("row");
      }
    }
  }

  @Test
  void read_usedUpPoolGivesUpBeforeTheDeadline_namesThePoolAndTheWayOut() {
    Pool usedUp =
        new Pool(
            2,
            () -> {
              throw new SQLException("timed out");
            });
    try (VersionedCache<Integer, String> cache = cache(usedUp)) {
      assertThatExceptionOfType(LoadFailedException.class)
          .isThrownBy(() -> cache.get(1))
          .withMessageStartingWith(
              "items:1: the source failed: Pool gave no connection for a load (timed out); callers"
                  + " that hold a connection of it while they read");
    }
  }

  @Test
  void read_databaseIsDown_saysSoAndBlamesNoCaller() {
    Pool cutOff = new Pool(0, StarvedPoolTest::refuse);
    try (VersionedCache<Integer, String> cache = cache(cutOff)) {
      assertThatExceptionOfType(LoadFailedException.class)
          .isThrownBy(() -> cache.get(1))
          .withMessage(
              "items:1: the source failed: Pool gave no connection for a load (timed out:"
                  + " Connection refused)");
      assertThat(cache.explain(1).toString())
          .contains("Connection refused")
          .doesNotContain("callers");
      assertThat(cache.check())
          .asString()
          .contains("could not be asked", "Connection refused")
          .doesNotContain("callers");
    }
  }

  /** A pool tells each failure of the database to one of those who wait. */
  @Test
  void read_poolTellsTheReasonOnlyOnce_isToldAgain() {
    AtomicInteger failures = new AtomicInteger();
    Pool cutOff =
        new Pool(
            0,
            () -> {
              if (failures.getAndIncrement() > 0) {
                throw new SQLException("timed out");
              }
              return refuse();
            });
    try (VersionedCache<Integer, String> cache = cache(cutOff)) {
      assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> cache.get(1));
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(LoadFailedException.class)
            .isThrownBy(() -> cache.get(1))
            .withMessage(
                "items:1: the source failed: Pool gave no connection for a load (timed out); it"
                    + " failed before with: timed out: Connection refused");
      }
    }
  }

  @Test
  void read_databaseIsDownAndThePoolStillWaits_saysWhatItLastFailedWith() throws Exception {
    AtomicInteger failures = new AtomicInteger();
    Pool cutOff = new Pool(0, () -> failures.getAndIncrement() > 0 ? takeConnection() : refuse());
    try (VersionedCache<Integer, String> cache = cache(cutOff)) {
      assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> cache.get(1));
      CompletableFuture<?> patient = cache.getAsync(2);
      assertThat(arrivals.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

      assertThatExceptionOfType(DeadlineExceededException.class)
          .isThrownBy(() -> hasty(cache).get(2))
          .withMessage(
              "items:2: not loaded within PT0.05S; the load goes on; 1 load waits for a connection"
                  + " of Pool, of which 0 of 2 are in use; it last failed with: timed out:"
                  + " Connection refused");
      assertThat(hasty(cache).explain(2).toString())
          .contains("Connection refused")
          .doesNotContain("callers");

      connections.release(100);
      patient.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void obstacle_poolThatTellsNothing_blamesNobody() throws Exception {
    JdbcSource<Integer, String> source = source(pool);
    try (VersionedCache<Integer, String> cache = cache(source)) {
      CompletableFuture<?> patient = cache.getAsync(1);
      assertThat(arrivals.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

      assertThat(source.obstacle())
          .hasValue("1 load waits for a connection of HikariDataSource (HikariPool-1)");
      connections.release();
      patient.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void obstacle_connectionCameAfterAFailure_saysNothingOfTheFailure() throws Exception {
    JdbcSource<Integer, String> source =
        source(
            Databases.named(
                "pool",
                () -> {
                  if (arrivals.tryAcquire()) {
                    throw new SQLException("down");
                  }
                  return takeConnection();
                }));
    arrivals.release();
    assertThatExceptionOfType(SQLException.class).isThrownBy(() -> source.load(1));
    connections.release();
    assertThat(source.load(1)).isEqualTo(Row.present("row", 7));
    arrivals.drainPermits();

    try (VersionedCache<Integer, String> cache = cache(source)) {
      CompletableFuture<?> patient = cache.getAsync(1);
      await().until(() -> source.obstacle().isPresent());

      assertThat(source.obstacle()).hasValue("1 load waits for a connection of pool");
      connections.release();
      patient.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void of_poolsThatTell_isWhatTheyTell() {
    assertThat(PoolUse.of(new Pool(1, StarvedPoolTest::refuse))).hasValue(new PoolUse(1, 2));
    assertThat(PoolUse.of(new LikeTomcat())).hasValue(new PoolUse(5, 6));
  }

  @Test
  void isUsedUp_poolWithoutALimit_isFalse() {
    assertThat(new PoolUse(7, -1).isUsedUp()).isFalse();
  }

  /** A pool of two connections. Names its figures as Commons DBCP does. */
  public static final class Pool extends MariaDbDataSource {
    private final int inUse;
    private final ConcurrentUpdates.Connect connect;

    Pool(int inUse, ConcurrentUpdates.Connect connect) {
      this.inUse = inUse;
      this.connect = connect;
    }

    @Override
    public Connection getConnection() throws SQLException {
      return connect.open();
    }

    public int getNumActive() {
      return inUse;
    }

    public int getMaxTotal() {
      return 2;
    }

    @Override
    public String toString() {
      return "Pool";
    }
  }

  /** Names its figures as Tomcat's pool does. */
  public static final class LikeTomcat extends MariaDbDataSource {
    public int getActive() {
      return 5;
    }

    public int getMaxActive() {
      return 6;
    }
  }

  @Test
  void obstacle_nobodyWaits_isNone() throws Exception {
    connections.release();
    JdbcSource<Integer, String> source = source(pool);

    assertThat(source.load(1)).isEqualTo(Row.present("row", 7));
    assertThat(source.obstacle()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "HikariDataSource (orders-pool), HikariDataSource (orders-pool)",
    "jdbc:postgresql://db/orders?password=secret, Prepared",
    "ds1: url=jdbc:h2:mem:test user=sa, Prepared",
    "'', Prepared"
  })
  void name_ofADataSource_isItsOwnUnlessThatMayTellSecrets(String text, String name) {
    assertThat(new Connections(Databases.named(text, this::takeConnection)).name()).isEqualTo(name);
  }

  private static VersionedCache<Integer, String> hasty(VersionedCache<Integer, String> cache) {
    return cache.with(CallOptions.none().deadline(Duration.ofMillis(50)));
  }

  /** A pool of two connections. */
  private static HikariDataSource hikari() {
    HikariConfig config = new HikariConfig();
    config.setPoolName("items-pool");
    config.setJdbcUrl(URL);
    config.setMaximumPoolSize(2);
    config.setConnectionTimeout(PATIENCE.toMillis());
    return new HikariDataSource(config);
  }

  private static Connection refuse() throws SQLException {
    throw new SQLTransientConnectionException(
        "timed out", "08001", new ConnectException("Connection refused"));
  }

  private static VersionedCache<Integer, String> cache(DataSource dataSource) {
    return cache(source(dataSource));
  }

  private static VersionedCache<Integer, String> cache(Source<Integer, String> source) {
    return VersionedCache.<Integer, String>builder("items")
        .source(source)
        .store(InMemoryStore.create())
        .locks(LocalLocks.create())
        .codec(JsonCodec.of(String.class))
        .deadline(PATIENCE)
        .build();
  }

  private static JdbcSource<Integer, String> source(DataSource dataSource) {
    return JdbcSource.<Integer, String>builder(dataSource)
        .query("select * from item where id = ?")
        .rowMapper(row -> "row")
        .versionNumber("version")
        .build();
  }

  private Connection takeConnection() throws SQLException {
    arrivals.release();
    try {
      connections.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted", e);
    }
    return DriverManager.getConnection(URL);
  }
}
