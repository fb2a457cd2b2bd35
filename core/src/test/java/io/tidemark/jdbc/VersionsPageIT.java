package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.jdbc.WritingStatements.Statement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every cell of the tables of {@code docs/versions.md}: the statement is run where row 1 was
 * written by a clock that was set back since, and where it waits for a transaction which writes the
 * row once more, and what became of the row's version is compared with the page.
 */
@ResourceLock(SharedPostgres.LOCK)
@ResourceLock(MariaDbServer.LOCK)
class VersionsPageIT {
  private static final Path PAGE = Path.of("..", "docs", "versions.md");
  private static final String NO_SUCH_STATEMENT = "—";

  @TempDir static Path folder;

  private static @Nullable VersionedDatabase current;

  /** What the tables of the page are about. */
  enum Section {
    ROWS("Rows that are there"),
    KEYS("Keys that come back"),
    DELETIONS("Deletions");

    private final String title;

    Section(String title) {
      this.title = title;
    }
  }

  /**
   * A cell.
   *
   * @param answer what becomes of the version where the clock was set back, and, behind a slash,
   *     where the statement waits, unless that is the same
   */
  record Cell(Section section, String statement, VersionedDatabase database, String answer) {
    @Override
    public String toString() {
      return "%s: %s in %s: %s".formatted(section.title, statement, database, answer);
    }
  }

  static List<Cell> common() throws IOException {
    return cells(false);
  }

  static List<Cell> variants() throws IOException {
    return cells(true);
  }

  private static List<Cell> cells(boolean variants) throws IOException {
    return cells().stream()
        .filter(cell -> WritingStatements.named(cell.statement()).isVariant() == variants)
        .toList();
  }

  private static List<Cell> cells() throws IOException {
    List<Cell> cells = new ArrayList<>();
    // By database, as each has its tables at the same place.
    for (VersionedDatabase database : VersionedDatabase.values()) {
      for (Section section : Section.values()) {
        List<List<String>> rows =
            Files.readAllLines(PAGE, UTF_8).stream()
                .dropWhile(line -> !line.equals("## " + section.title))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("|") && !line.startsWith("|---"))
                .map(VersionsPageIT::fields)
                .toList();
        int column = rows.get(0).indexOf(database.toString());
        for (List<String> row : rows.subList(1, rows.size())) {
          cells.add(new Cell(section, row.get(0), database, row.get(column)));
        }
      }
    }
    return cells;
  }

  private static List<String> fields(String line) {
    return Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|", -1))
        .map(String::strip)
        .toList();
  }

  @AfterAll
  static void drop() throws Exception {
    if (current != null) {
      current.drop();
    }
  }

  @Test
  void page_everyStatement_hasACellForEachDatabase() throws IOException {
    assertThat(cells().stream().map(Cell::statement).distinct().toList())
        .hasSameElementsAs(WritingStatements.names());
  }

  @Tag("thorough")
  @ParameterizedTest
  @MethodSource("variants")
  void variant_clockSetBackOrRowInUse_versionIsAsThePageSays(Cell cell) throws Exception {
    statement_clockSetBackOrRowInUse_versionIsAsThePageSays(cell);
  }

  @ParameterizedTest
  @MethodSource("common")
  void statement_clockSetBackOrRowInUse_versionIsAsThePageSays(Cell cell) throws Exception {
    Statement statement = WritingStatements.named(cell.statement());
    if (statement.in(cell.database().dialect()).isEmpty()) {
      assertThat(cell.answer()).isEqualTo(NO_SUCH_STATEMENT);
      return;
    }
    use(cell.database());
    String setBack = afterTheClockWasSetBack(cell, statement);
    String waiting = statement.canWait() ? afterWaiting(cell, statement) : setBack;
    assertThat(setBack.equals(waiting) ? setBack : setBack + " / " + waiting)
        .isEqualTo(cell.answer().replace("`", ""));
  }

  private static void use(VersionedDatabase database) throws Exception {
    if (current != database) {
      if (current != null) {
        current.drop();
        current = null;
      }
      database.create();
      current = database;
    }
  }

  private String afterTheClockWasSetBack(Cell cell, Statement statement) throws Exception {
    VersionedDatabase database = cell.database();
    try (Connection connection = database.connect()) {
      database.fill(connection, statement.table(), true);
      Long before = database.version(connection, statement.table());
      if (cell.section() == Section.KEYS) {
        delete(connection, statement);
        before = latest(before, database.deletion(connection, statement.table()));
      }
      try {
        run(connection, cell, statement);
      } catch (SQLException e) {
        return failure(e);
      }
      return compare(cell, statement, connection, before);
    }
  }

  private String afterWaiting(Cell cell, Statement statement) throws Exception {
    VersionedDatabase database = cell.database();
    String update = "update " + statement.table() + " set n = n + 1 where id = 1";
    try (Connection connection = database.connect();
        Connection other = database.connect();
        Connection monitor = database.connect()) {
      database.fill(connection, statement.table(), false);
      connection.setAutoCommit(false);
      VersionedDatabase.execute(connection, update);
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(
              () -> {
                try {
                  run(other, cell, statement);
                } catch (SQLException e) {
                  throw new CompletionException(e);
                }
              },
              task -> new Thread(task).start());
      await().until(() -> waiting.isDone() || database.waiters(monitor) == 1);
      Long before;
      try {
        VersionedDatabase.execute(connection, update);
        before = database.version(connection, statement.table());
        if (cell.section() == Section.KEYS) {
          delete(connection, statement);
          before = latest(before, database.deletion(connection, statement.table()));
        }
      } catch (SQLException e) {
        connection.rollback();
        waiting.handle((done, failure) -> null).join();
        return failure(e);
      }
      connection.commit();
      try {
        waiting.join();
      } catch (CompletionException e) {
        return failure((SQLException) Objects.requireNonNull(e.getCause()));
      }
      return compare(cell, statement, monitor, before);
    }
  }

  private static void delete(Connection connection, Statement statement) throws SQLException {
    VersionedDatabase.execute(connection, "delete from " + statement.table() + " where id = 1");
  }

  private static void run(Connection connection, Cell cell, Statement statement)
      throws SQLException {
    Path file = folder.resolve("row.csv");
    try {
      Files.writeString(file, "1,7\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    connection.setAutoCommit(false);
    try {
      for (String sql : statement.in(cell.database().dialect())) {
        VersionedDatabase.execute(connection, sql.replace("{file}", file.toString()));
      }
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static String compare(
      Cell cell, Statement statement, Connection connection, @Nullable Long before)
      throws SQLException {
    VersionedDatabase database = cell.database();
    Long after =
        cell.section() == Section.DELETIONS
            ? database.deletion(connection, statement.table())
            : database.version(connection, statement.table());
    if (after == null) {
      return cell.section() == Section.DELETIONS ? "no version" : "no row";
    }
    int order = after.compareTo(Objects.requireNonNull(before));
    return order > 0 ? "grows" : order < 0 ? "falls" : "stays";
  }

  private static String failure(SQLException e) {
    return "40001".equals(e.getSQLState()) ? "40001" : "refused";
  }

  private static @Nullable Long latest(@Nullable Long row, @Nullable Long deletion) {
    return deletion == null ? row : deletion;
  }
}
