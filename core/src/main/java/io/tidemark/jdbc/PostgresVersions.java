package io.tidemark.jdbc;

import static java.util.stream.Collectors.joining;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Versions from PostgreSQL: a trigger sets a row's {@code timestamptz} column to the clock, or to a
 * microsecond more than before if the clock does not show more. It runs under the row's lock, so
 * that the versions of a row follow the order of its commits. Thread-safe.
 *
 * <p>The SQL is in the resources {@code postgresql-version.sql} and {@code
 * postgresql-tombstone.sql} beside this class; their heads say what they do not cover.
 */
public final class PostgresVersions {
  private static final String FUNCTION_PREFIX = "tidemark_version_";
  private static final String TOMBSTONE_SUFFIX = "_tombstone";

  /** PostgreSQL truncates longer names without an error, and two functions would become one. */
  private static final int MAX_NAME_BYTES = 63;

  /** The forbidden text delimits every function body in the resources. */
  private static final SqlNames NAMES =
      new SqlNames('"', name -> name.toLowerCase(Locale.ROOT), "$tidemark$");

  private PostgresVersions() {}

  /**
   * The SQL that creates the trigger of a table, for {@link java.sql.Statement#execute(String)}.
   * Run it in a migration: it takes a lock that waits for the table's writers, and two processes
   * should not run it at once. It is idempotent. If the column is missing or is not a {@code
   * timestamptz} of full precision, it fails and changes nothing. So it does if the name does not
   * belong to a plain or partitioned table, but to a view, a temporary table, a partition, or a
   * table that others inherit from.
   *
   * <p>A name without a schema is resolved once, by the {@code search_path} of the connection that
   * runs the SQL. Writers may have any other {@code search_path}.
   *
   * <p>It creates a trigger {@code zz_tidemark_version}, and in the table's schema a function
   * {@code tidemark_version_<column>}, which all tables with a version column of that name share.
   *
   * @param table the table as written in SQL: {@code product}, {@code sales.product}, {@code "Odd
   *     Schema"."Odd Table"}. As in SQL, a name without quotes is lower case
   * @param column the version column, written in the same way; at most 46 bytes
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static String triggerSql(String table, String column) {
    return SqlTemplate.fill(
        SqlTemplate.read("postgresql-version.sql"), names(NAMES.table(table), column));
  }

  /**
   * The SQL that keeps the versions of deleted rows. Run it after {@link #triggerSql} and in the
   * same way. A row inserted again then has a version above that of its deletion, whatever the
   * clocks do. It fails and changes nothing if the trigger is missing, if the key columns are not
   * unique and {@code not null}, if the tombstones belong to a table that was renamed, or if the
   * table itself was renamed without its tombstones: the message says what to rename.
   *
   * <p>It creates a table {@code <table>_tombstone} of the key and version columns, with a row for
   * each key that was deleted and not inserted again; a function of the same name; and four
   * triggers. Users that write the table need the rights to read and write the tombstones, and may
   * have any {@code search_path}.
   *
   * <p>In the transaction that deletes, {@code select updated_at from product_tombstone where id =
   * ?} returns the version for {@link io.tidemark.Row#deleted}. Loads get it by {@link
   * JdbcSourceBuilder#tombstoneQuery}.
   *
   * <p>An insert can fail with SQLSTATE 40001 if another transaction deletes the same row at that
   * moment: repeat the transaction. A statement in which one row takes the key that another gives
   * up fails likewise if the clock was set back after the other was written: use two statements.
   *
   * <p>A tombstone is needed until the clock is certainly past its version. If clocks are never set
   * back by an hour, no load, transaction or replica lags by an hour, and no entry lives longer,
   * you can run {@code delete from product_tombstone where updated_at < clock_timestamp() -
   * interval '1 hour'} at any time.
   *
   * @param table as in {@link #triggerSql}; the last part of its name at most 53 bytes
   * @param column the version column
   * @param keyColumns the columns that identify a row, such as those of the primary key
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static String tombstoneSql(String table, String column, String... keyColumns) {
    List<String> tableParts = NAMES.table(table);
    SqlNames.checkBytes(
        "table", table, NAMES.lastPart(tableParts), MAX_NAME_BYTES - TOMBSTONE_SUFFIX.length());
    Map<String, String> names = new HashMap<>(names(tableParts, column));
    names.put(
        "keyTexts",
        NAMES.keyColumns(List.of(keyColumns)).stream().map(NAMES::text).collect(joining(", ")));
    return SqlTemplate.fill(SqlTemplate.read("postgresql-tombstone.sql"), names);
  }

  private static Map<String, String> names(List<String> tableParts, String column) {
    String quotedColumn = NAMES.column(column);
    String columnName = NAMES.unquote(quotedColumn);
    SqlNames.checkBytes("column", column, columnName, MAX_NAME_BYTES - FUNCTION_PREFIX.length());
    return Map.of(
        "table", String.join(".", tableParts), "column", quotedColumn, "columnName", columnName);
  }
}
