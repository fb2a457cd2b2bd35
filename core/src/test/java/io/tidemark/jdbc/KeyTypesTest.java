package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys that are the only parameter of a query. */
class KeyTypesTest {
  private static final String URL = "jdbc:h2:mem:keys";

  private Connection database;

  @BeforeEach
  void createTable() throws SQLException {
    database = DriverManager.getConnection(URL);
    try (Statement statement = database.createStatement()) {
      statement.execute("create table item (id varbinary(1000), version bigint)");
    }
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  /** Two of the drivers would look for the object's bytes, and find no row. */
  @ParameterizedTest
  @MethodSource
  void load_keyThatADriverMaySerialize_isRefused(Object key) {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> source("id = ?").load(key))
        .withMessageStartingWith(
            "the query does not take a key of " + key.getClass().getName() + " directly; set")
        .withMessageContaining("parameters()");
  }

  @SuppressWarnings({"JavaUtilDate", "UnnecessaryStringBuilder"}) // What people have as keys.
  static Stream<Object> load_keyThatADriverMaySerialize_isRefused() {
    return Stream.of(
        Thread.State.NEW,
        new Date(0),
        List.of(1),
        Locale.US,
        new StringBuilder("1"),
        new int[0],
        new AtomicLong(1));
  }

  @ParameterizedTest
  @MethodSource
  void load_keyOfATypeOfJdbc_isTaken(Object key) throws SQLException {
    assertThat(source("cast(? as varchar) is null").load(key)).isEqualTo(Row.absent());
  }

  static Stream<Object> load_keyOfATypeOfJdbc_isTaken() {
    return Stream.of(
        "1",
        '1',
        1,
        1L,
        (short) 1,
        1.5,
        true,
        BigInteger.ONE,
        BigDecimal.ONE,
        new UUID(1, 2),
        LocalDate.EPOCH,
        new java.sql.Date(0),
        ByteBuffer.allocate(4).array());
  }

  private static JdbcSource<Object, String> source(String condition) {
    return JdbcSource.<Object, String>builder(Databases.of(() -> DriverManager.getConnection(URL)))
        .query("select * from item where " + condition)
        .rowMapper(row -> "row")
        .versionNumber("version")
        .build();
  }
}
