package io.tidemark.jdbc;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Versions from MariaDB: triggers set a row's {@code bigint} column to the clock's microseconds in
 * UTC, or to one more than before if the clock does not show more. They run under the row's lock,
 * so that the versions of a row follow the order of its commits. The SQL is also written for MySQL
 * 8.0.29 and newer, but no build tests it there. Thread-safe.
 *
 * <p>The SQL is in the resources {@code mariadb-version.sql} and {@code mariadb-tombstone.sql}
 * beside this class; their heads say what they do not cover.
 */
public final class MariaDbVersions {
  private static final String TOMBSTONE_SUFFIX = "_tombstone";
  private static final String LONGEST_PREFIX = "tidemark_inserting_";

  /** In characters. Names are counted in bytes, of which there are never fewer. */
  private static final int MAX_NAME_LENGTH = 64;

  private static final String DELIMITER_COMMAND = "delimiter //\n";
  private static final String DELIMITER = "\n//\n";

  /** The forbidden text is the escape character of string literals. */
  private static final SqlNames NAMES = new SqlNames('`', UnaryOperator.identity(), "\\");

  private MariaDbVersions() {}

  /**
   * The statements that create the triggers of a table, for {@link
   * java.sql.Statement#execute(String)}, one after the other and on one connection. Run them in a
   * migration: they wait for the table's writers, and two processes should not run them at once.
   * They are idempotent. If the column is missing or is not a signed {@code bigint}, or if the
   * triggers belong to a table that was renamed, the first one fails and nothing is changed.
   *
   * <p>They create four triggers {@code tidemark_insert_<table>}, {@code tidemark_update_<table>},
   * {@code tidemark_replacing_<table>} and {@code tidemark_replaced_<table>}.
   *
   * <p>{@code replace} gives the new row its version before it finds the old one. If the old row
   * has a later version, because the clock was set back or the row was updated in the meantime, the
   * statement fails with the SQLSTATE 40001. Roll back and repeat the transaction: the same
   * connection then gives the row a later version.
   *
   * @param table the table as written in SQL: {@code product}, {@code sales.product}, {@code `Odd
   *     Schema`.`Odd Table`}; the last part at most 45 bytes
   * @param column the version column, a {@code bigint}, written in the same way
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static List<String> triggerSql(String table, String column) {
    return statements("mariadb-version.sql", names(table, column));
  }

  /**
   * The statements that keep the versions of deleted rows. Run them after {@link #triggerSql} and
   * in the same way. A row inserted again then has a version above that of its deletion, whatever
   * the clocks do. If the triggers are missing or belong to a table that was renamed, or the key
   * columns are not unique and {@code not null}, the first one fails and nothing is changed.
   *
   * <p>They create a table {@code <table>_tombstone} of the key and version columns, with a row for
   * each key that was deleted and not inserted again, and five triggers. The user that creates the
   * triggers needs the rights to read and write the tombstones.
   *
   * <p>In the transaction that deletes, {@code select version from product_tombstone where id = ?}
   * returns the version for {@link io.tidemark.Row#deleted}. Loads get it by {@link
   * JdbcSourceBuilder#tombstoneQuery}.
   *
   * <p>Like {@code replace}, an insert can fail with SQLSTATE 40001: if its key is generated and an
   * earlier row of that key had a later version; or if another transaction updates and then deletes
   * the same row at that moment, as the two wait for each other. Repeat the transaction.
   *
   * <p>A tombstone is needed until the clock is certainly past its version. If clocks are never set
   * back by an hour, no load, transaction or replica lags by an hour, and no entry lives longer,
   * you can run {@code delete from product_tombstone where version < timestampdiff(microsecond,
   * '1970-01-01', utc_timestamp(6)) - 3600000000} at any time, at the isolation level {@code read
   * committed}.
   *
   * @param table as in {@link #triggerSql}
   * @param column the version column
   * @param keyColumns the columns that identify a row, such as those of the primary key
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static List<String> tombstoneSql(String table, String column, String... keyColumns) {
    List<String> keys = NAMES.keyColumns(Arrays.asList(keyColumns));
    Map<String, String> names = names(table, column);
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
    putTriggers(names, tableParts, "inserting", "inserted", "updating", "updated", "deleted");
    return statements("mariadb-tombstone.sql", names);
  }

  private static Map<String, String> names(String table, String column) {
    List<String> tableParts = NAMES.table(table);
    String quotedColumn = NAMES.column(column);
    SqlNames.checkBytes(
        "table", table, NAMES.lastPart(tableParts), MAX_NAME_LENGTH - LONGEST_PREFIX.length());
    Map<String, String> names = new HashMap<>();
    names.put("table", String.join(".", tableParts));
    names.put("schemaText", NAMES.schemaText(tableParts, "database()"));
    names.put("tableName", NAMES.lastPart(tableParts));
    names.put("column", quotedColumn);
    names.put("columnName", NAMES.unquote(quotedColumn));
    names.put("replaced", variable("replaced", tableParts));
    names.put("floor", variable("floor", tableParts));
    names.put(
        "isOlder",
        "a row of table %s would be older than the one before it; repeat the transaction"
            .formatted(NAMES.lastPart(tableParts)));
    putTriggers(names, tableParts, "insert", "update", "replacing", "replaced");
    return names;
  }

  private static void putTriggers(
      Map<String, String> names, List<String> tableParts, String... times) {
    for (String when : times) {
      String triggerName = "tidemark_" + when + "_" + NAMES.lastPart(tableParts);
      names.put(when + "Name", triggerName);
      names.put(when + "Trigger", NAMES.beside(tableParts, triggerName));
    }
  }

  /** The name of a session variable for one table. */
  private static String variable(String what, List<String> tableParts) {
    return "@" + NAMES.quote("tidemark_" + what + "_" + NAMES.lastPart(tableParts));
  }

  /**
   * An SQL condition: a key is 0 (with any number of digits), empty or null. Compares texts, as the
   * number 0 equals many values of other types, and avoids the empty text, which may be null.
   */
  private static String isNoKeyYet(String key) {
    return "coalesce(length(trim(leading '0' from concat(new.%s))), 0) = 0".formatted(key);
  }

  /** Splits a resource as the command-line client does. */
  private static List<String> statements(String resource, Map<String, String> names) {
    String body = SqlTemplate.read(resource).split(DELIMITER_COMMAND, 2)[1];
    return Arrays.stream(body.split(DELIMITER))
        .map(String::strip)
        .map(statement -> SqlTemplate.fill(statement, names))
        .toList();
  }
}
