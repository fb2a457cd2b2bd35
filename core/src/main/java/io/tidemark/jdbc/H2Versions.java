package io.tidemark.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Versions from H2: a generated column takes the next value of a sequence with every insert and
 * update of its row, once the row is locked. It needs no clock and no trigger. Thread-safe.
 *
 * <p>The SQL is in the resource {@code h2-version.sql} beside this class; its head says what it
 * does not cover.
 */
public final class H2Versions {
  private static final String SEQUENCE_SUFFIX = "_TIDEMARK_VERSION";

  /** A setting of the database decides what becomes of the case of a name without quotes. */
  private static final SqlNames NAMES = new SqlNames('"', null, "");

  private static final String FOLDED =
      "(select case"
          + " when max(upper(SETTING_VALUE)) filter (where SETTING_NAME = 'DATABASE_TO_UPPER')"
          + " = 'TRUE' then upper('%1$s')"
          + " when max(upper(SETTING_VALUE)) filter (where SETTING_NAME = 'DATABASE_TO_LOWER')"
          + " = 'TRUE' then lower('%1$s')"
          + " else '%1$s' end from INFORMATION_SCHEMA.SETTINGS)";

  private H2Versions() {}

  /**
   * The SQL that makes a column a version, for {@link java.sql.Statement#execute(String)}. Run it
   * in a migration: it locks the table, and gives every row a new version. It is idempotent. If the
   * column is missing, is not a {@code bigint}, or is generated in another way, it fails and
   * changes nothing.
   *
   * <p>It creates a sequence {@code <table>_TIDEMARK_VERSION} in the table's schema. After that, a
   * statement that sets the column fails. A table that was renamed keeps the sequence of its former
   * name until this SQL is run for the new name.
   *
   * @param table the table as written in SQL: {@code product}, {@code sales.product}, {@code "Odd
   *     Schema"."Odd Table"}. As in SQL, a name without quotes is upper case, unless {@code
   *     DATABASE_TO_LOWER} or {@code DATABASE_TO_UPPER} of the database say otherwise
   * @param column the version column, a {@code bigint}, written in the same way
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static String columnSql(String table, String column) {
    List<String> tableParts = NAMES.table(table);
    String columnPart = NAMES.column(column);
    String tableName = tableParts.get(tableParts.size() - 1);
    return SqlTemplate.fill(
        SqlTemplate.read("h2-version.sql"),
        Map.of(
            "schemaText", tableParts.size() == 1 ? "current_schema" : text(tableParts.get(0)),
            "tableText", text(tableName),
            "columnText", text(columnPart),
            "sequenceText", text(sequenceName(tableName)),
            "table", String.join(".", tableParts),
            "column", columnPart,
            "sequence", sequence(tableParts)));
  }

  /**
   * The query for the version of a deletion, for {@link io.tidemark.Row#deleted}. Run it after the
   * delete, in the same transaction. H2 needs no tombstones: a row that is inserted again gets its
   * version from the same sequence, and so a greater one.
   *
   * @param table as in {@link #columnSql}
   * @throws IllegalArgumentException if the name breaks its rule
   */
  public static String deletedVersionSql(String table) {
    return "select next value for " + sequence(NAMES.table(table));
  }

  private static String sequence(List<String> tableParts) {
    List<String> parts = new ArrayList<>(tableParts);
    parts.set(parts.size() - 1, sequenceName(parts.get(parts.size() - 1)));
    return String.join(".", parts);
  }

  private static String sequenceName(String tableName) {
    return isQuoted(tableName)
        ? NAMES.quote(NAMES.unquote(tableName) + SEQUENCE_SUFFIX)
        : tableName + SEQUENCE_SUFFIX;
  }

  /** An SQL expression for a name as it is in the database's catalogs. */
  private static String text(String name) {
    return isQuoted(name) ? NAMES.text(name) : FOLDED.formatted(name);
  }

  private static boolean isQuoted(String name) {
    return name.startsWith("\"");
  }
}
