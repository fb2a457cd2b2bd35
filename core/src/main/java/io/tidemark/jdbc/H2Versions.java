package io.tidemark.jdbc;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Versions from H2: a generated column that takes the next value of a sequence with every insert
 * and update of its row, once the row is locked. No clock and no trigger is involved. Thread-safe.
 *
 * <p>The SQL is the resource {@code h2-version.sql} beside this class; its head says what it does
 * not cover.
 */
public final class H2Versions {
  private static final String SEQUENCE_SUFFIX = "_TIDEMARK_VERSION";

  private static final SqlNames NAMES =
      new SqlNames('"', name -> name.toUpperCase(Locale.ROOT), "");

  private H2Versions() {}

  /**
   * The SQL that makes a column a version, for {@link java.sql.Statement#execute(String)}. Part of
   * a migration: it locks the table, and gives every row a new version. Running it again changes
   * nothing. It fails, and changes nothing, where the column is missing, no {@code bigint}, or
   * generated in another way.
   *
   * <p>It makes a sequence {@code <table>_TIDEMARK_VERSION} in the table's schema. From then on a
   * statement that sets the column fails.
   *
   * @param table the table as written in SQL: {@code product}, {@code sales.product}, {@code "Odd
   *     Schema"."Odd Table"}. As in SQL, a name without quotes is upper case
   * @param column the version column, a {@code bigint}, written likewise
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static String columnSql(String table, String column) {
    List<String> tableParts = NAMES.table(table);
    String quotedColumn = NAMES.column(column);
    return SqlTemplate.fill(
        SqlTemplate.read("h2-version.sql"),
        Map.of(
            "schemaText", NAMES.schemaText(tableParts, "current_schema"),
            "tableName", NAMES.lastPart(tableParts),
            "columnName", NAMES.unquote(quotedColumn),
            "table", String.join(".", tableParts),
            "column", quotedColumn,
            "sequence", sequence(tableParts)));
  }

  /**
   * The query that gives the version of a deletion, for {@link io.tidemark.Row#deleted}: run it
   * after the delete and in its transaction. No table of deletions is needed for H2: a row that is
   * inserted again has a version from the same sequence, and so a greater one.
   *
   * @param table as in {@link #columnSql}
   * @throws IllegalArgumentException if the name breaks its rule
   */
  public static String deletedVersionSql(String table) {
    return "select next value for " + sequence(NAMES.table(table));
  }

  private static String sequence(List<String> tableParts) {
    return NAMES.beside(tableParts, NAMES.lastPart(tableParts) + SEQUENCE_SUFFIX);
  }
}
