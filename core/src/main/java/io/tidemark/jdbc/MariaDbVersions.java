package io.tidemark.jdbc;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Versions from MariaDB: triggers that set a row's {@code bigint} column to the clock's
 * microseconds in UTC, and to one more than before where the clock does not show more. They run
 * under the row's lock, so that the versions of a row follow the order of its commits. The SQL is
 * written for MySQL 8.0.29 and newer too, where no build tests it. Thread-safe.
 *
 * <p>The SQL is the resources {@code mariadb-version.sql} and {@code mariadb-tombstone.sql} beside
 * this class; their heads say what they do not cover.
 */
public final class MariaDbVersions {
  private static final String TOMBSTONE_SUFFIX = "_tombstone";
  private static final String LONGEST_PREFIX = "tidemark_inserting_";

  /** In characters; counting bytes refuses no name that would be too long. */
  private static final int MAX_NAME_LENGTH = 64;

  private static final String DELIMITER_COMMAND = "delimiter //\n";
  private static final String DELIMITER = "\n//\n";

  /** The forbidden text is an escape in texts. */
  private static final SqlNames NAMES = new SqlNames('`', UnaryOperator.identity(), "\\");

  private MariaDbVersions() {}

  /**
   * The statements that put the triggers on a table, for {@link java.sql.Statement#execute(String)}
   * one after the other and on one connection. Part of a migration: they wait for the table's
   * writers, and two processes should not run them at once. Running them again changes nothing. The
   * first one fails, and nothing is changed, where the column is missing or no signed {@code
   * bigint}.
   *
   * <p>They make two triggers {@code tidemark_insert_<table>} and {@code tidemark_update_<table>}.
   *
   * @param table the table as written in SQL: {@code product}, {@code sales.product}, {@code `Odd
   *     Schema`.`Odd Table`}; the last part at most 45 bytes
   * @param column the version column, a {@code bigint}, written likewise
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static List<String> triggerSql(String table, String column) {
    return statements("mariadb-version.sql", names(table, column));
  }

  /**
   * The statements that keep the versions of deleted rows, after {@link #triggerSql} and in the
   * same way. A row that is inserted again then has a version above that of its deletion, whatever
   * the clocks do. The first one fails, and nothing is changed, where the triggers are missing, the
   * key columns are not unique and {@code not null}, or a table that was renamed has the triggers.
   *
   * <p>They make a table {@code <table>_tombstone} of the key and version columns, which has a row
   * for each key that was deleted and not inserted again, and five triggers. Who made the triggers
   * needs the rights to read and write the tombstones.
   *
   * <p>In the transaction that deletes, {@code select version from product_tombstone where id = ?}
   * gives the version for {@link io.tidemark.Row#deleted}. {@link JdbcSourceBuilder#tombstoneQuery}
   * gives it to a load.
   *
   * <p>A statement fails with the SQLSTATE 40001 where its row would not be the newest of its key;
   * roll back and repeat the transaction. So does {@code replace}, whose new row has its version
   * before the old one is found, when the clock was set back or the old row was updated meanwhile;
   * an insert whose key is generated, when a row had it before; and an insert beside a transaction
   * that updates and then deletes the same row. The first two get a later version when the same
   * connection repeats them.
   *
   * <p>A tombstone is needed until the clock is surely past its version. Where clocks are never set
   * back by an hour, no load, transaction or replica lags by an hour, and no entry lives longer,
   * {@code delete from product_tombstone where version < timestampdiff(microsecond, '1970-01-01',
   * utc_timestamp(6)) - 3600000000} may be run at any time, at the isolation level {@code read
   * committed}.
   *
   * @param table as in {@link #triggerSql}
   * @param column the version column
   * @param keyColumns the columns that tell rows apart, such as the primary key's
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static List<String> tombstoneSql(String table, String column, String... keyColumns) {
    List<String> keys = NAMES.keyColumns(Arrays.asList(keyColumns));
    Map<String, String> names = new HashMap<>(names(table, column));
    List<String> tableParts = NAMES.table(table);
    String tombstoneName = NAMES.lastPart(tableParts) + TOMBSTONE_SUFFIX;
    names.put("tombstoneName", tombstoneName);
    names.put("tombstone", NAMES.beside(tableParts, tombstoneName));
    names.put("keys", String.join(", ", keys));
    names.put("keyTexts", keys.stream().map(NAMES::text).collect(joining(", ")));
    names.put("keyCount", String.valueOf(keys.size()));
    names.put("oldKeys", keys.stream().map("old."::concat).collect(joining(", ")));
    names.put("newKeys", keys.stream().map("new."::concat).collect(joining(", ")));
    names.put("noKeyYet", keys.stream().map(MariaDbVersions::isNoKeyYet).collect(joining(" or ")));
    names.put(
        "isOlder",
        "a row of table %s would be older than the one before it; repeat the transaction"
            .formatted(NAMES.lastPart(tableParts)));
    names.put("floor", "@" + NAMES.quote("tidemark_floor_" + NAMES.lastPart(tableParts)));
    for (String when : List.of("inserting", "inserted", "updating", "updated", "deleted")) {
      String triggerName = triggerName(when, tableParts);
      names.put(when + "Name", triggerName);
      names.put(when + "Trigger", NAMES.beside(tableParts, triggerName));
    }
    return statements("mariadb-tombstone.sql", names);
  }

  private static Map<String, String> names(String table, String column) {
    List<String> tableParts = NAMES.table(table);
    String quotedColumn = NAMES.column(column);
    SqlNames.checkBytes(
        "table", table, NAMES.lastPart(tableParts), MAX_NAME_LENGTH - LONGEST_PREFIX.length());
    String insertName = triggerName("insert", tableParts);
    String updateName = triggerName("update", tableParts);
    return Map.of(
        "table", String.join(".", tableParts),
        "schemaText", NAMES.schemaText(tableParts, "database()"),
        "tableName", NAMES.lastPart(tableParts),
        "column", quotedColumn,
        "columnName", NAMES.unquote(quotedColumn),
        "insertName", insertName,
        "updateName", updateName,
        "insertTrigger", NAMES.beside(tableParts, insertName),
        "updateTrigger", NAMES.beside(tableParts, updateName));
  }

  /**
   * Whether a key is 0, also with more digits, empty or null. As a text: of another type, 0 equals
   * much that it is not. Without an empty text, which may be null.
   */
  private static String isNoKeyYet(String key) {
    return "coalesce(length(trim(leading '0' from concat(new.%s))), 0) = 0".formatted(key);
  }

  private static String triggerName(String when, List<String> tableParts) {
    return "tidemark_" + when + "_" + NAMES.lastPart(tableParts);
  }

  /** Splits a resource where the command-line client would. */
  private static List<String> statements(String resource, Map<String, String> names) {
    String body = SqlTemplate.read(resource).split(DELIMITER_COMMAND, 2)[1];
    return Arrays.stream(body.split(DELIMITER))
        .map(String::strip)
        .map(statement -> SqlTemplate.fill(statement, names))
        .toList();
  }
}
