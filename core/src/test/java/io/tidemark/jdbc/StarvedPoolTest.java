package io.tidemark.jdbc;

import static io.tidemark.Patience.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.JsonCodec;
import io.tidemark.LoadFailedException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Callers hold all connections of a pool while they read, so that their loads get none. */
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
  void read_loadGetsNoConnectionByTheDeadline_namesThePoolAndTheWayOut() throws Exception {
    try (VersionedCache<Integer, String> cache = cache(pool)) {
      List<CompletableFuture<String>> patient =
          List.of(
              cache.getAsync(1).thenApply(value -> value.orElse("none")),
              cache.getAsync(2).thenApply(value -> value.orElse("none")));
      assertThat(arrivals.tryAcquire(2, PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

      VersionedCache<Integer, String> hasty =
          cache.with(CallOptions.none().deadline(Duration.ofMillis(50)));

      assertThatExceptionOfType(DeadlineExceededException.class)
          .isThrownBy(() -> hasty.get(1))
          .withMessage(
              "items:1: not loaded within PT0.05S; the load goes on; 2 loads wait for a connection"
                  + " of HikariDataSource (HikariPool-1); callers that hold a connection of it while"
                  + " they read, as in a transaction, keep it from their own loads: give the source"
                  + " a pool of its own");
      assertThatExceptionOfType(DeadlineExceededException.class)
          .isThrownBy(() -> hasty.refresh(2))
          .withMessageContaining("wait for a connection of HikariDataSource (HikariPool-1)");

      connections.release(100);
      for (CompletableFuture<String> read : patient) {
        assertThat(read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("row");
      }
    }
  }

  @Test
  void read_poolGivesUpBeforeTheDeadline_namesThePoolAndTheWayOut() {
    DataSource exhausted =
        Databases.named(
            "HikariDataSource (HikariPool-1)",
            () -> {
              throw new SQLException("timed out");
            });
    try (VersionedCache<Integer, String> cache = cache(exhausted)) {
      assertThatExceptionOfType(LoadFailedException.class)
          .isThrownBy(() -> cache.get(1))
          .withMessageStartingWith(
              "items:1: the source failed: HikariDataSource (HikariPool-1) gave no connection for a"
                  + " load (timed out); callers that hold a connection of it while they read");
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

  private static VersionedCache<Integer, String> cache(DataSource dataSource) {
    return VersionedCache.<Integer, String>builder("items")
        .source(source(dataSource))
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
