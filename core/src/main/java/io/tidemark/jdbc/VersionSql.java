package io.tidemark.jdbc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A command that prints the SQL of {@link PostgresVersions}, {@link MariaDbVersions} or {@link
 * H2Versions} as a file for a migration. It needs only this module's jar:
 *
 * <pre>{@code
 * java -cp tidemark-core.jar io.tidemark.jdbc.VersionSql postgresql product updated_at id
 * }</pre>
 *
 * <p>The file is for the database's command-line client and for Flyway, or, with {@code
 * --liquibase}, for Liquibase. Thread-safe.
 */
public final class VersionSql {
  private static final String USAGE =
      """
      Usage: DATABASE TABLE COLUMN [KEY...] [--liquibase]
        DATABASE     postgresql, mariadb, mysql or h2
        TABLE        as written in SQL; with its schema, if the migration's search path may differ
        COLUMN       the version column
        KEY          the columns of the key, for the tombstones of deleted rows; not for h2
        --liquibase  as a formatted file for Liquibase""";

  private static final String LIQUIBASE = "--liquibase";

  private VersionSql() {}

  /** Prints the SQL; or prints what is wrong with the arguments, and exits with 2. */
  public static void main(String[] arguments) {
    try {
      System.out.println(of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  /**
   * The SQL that the command prints.
   *
   * @param arguments the database, the table, the version column, and the columns of the key if
   *     deleted rows should keep their versions; {@code --liquibase} anywhere among them
   * @throws IllegalArgumentException if the arguments are wrong, or a name breaks its rule; the
   *     message says how to call the command
   */
  public static String of(String... arguments) {
    List<String> names = new ArrayList<>(Arrays.asList(arguments));
    boolean liquibase = names.removeIf(LIQUIBASE::equals);
    for (String name : names) {
      if (name.startsWith("-")) {
        throw new IllegalArgumentException("Unknown option: '" + name + "'\n" + USAGE);
      }
    }
    if (names.size() < 3) {
      throw new IllegalArgumentException(
          "DATABASE, TABLE and COLUMN are required; %d of them were given\n%s"
              .formatted(names.size(), USAGE));
    }
    String database = names.get(0).toLowerCase(Locale.ROOT);
    String table = names.get(1);
    String column = names.get(2);
    String[] keys = names.subList(3, names.size()).toArray(String[]::new);
    String sql =
        switch (database) {
          case "postgresql" -> postgres(table, column, keys);
          case "mariadb", "mysql" -> mariaDb(table, column, keys, liquibase);
          case "h2" -> h2(table, column, keys);
          default ->
              throw new IllegalArgumentException(
                  "DATABASE is '%s'; it must be postgresql, mariadb, mysql or h2\n%s"
                      .formatted(names.get(0), USAGE));
        };
    return liquibase ? changeset(database, table, column) + sql : sql;
  }

  private static String postgres(String table, String column, String... keys) {
    String versions = PostgresVersions.triggerSql(table, column);
    return keys.length == 0
        ? versions
        : versions + "\n" + PostgresVersions.tombstoneSql(table, column, keys);
  }

  private static String mariaDb(String table, String column, String[] keys, boolean liquibase) {
    List<String> statements = new ArrayList<>(MariaDbVersions.triggerSql(table, column));
    if (keys.length > 0) {
      statements.addAll(MariaDbVersions.tombstoneSql(table, column, keys));
    }
    String all = String.join("\n//\n\n", statements) + "\n//\n";
    return liquibase ? all : "delimiter //\n\n" + all + "\ndelimiter ;\n";
  }

  private static String h2(String table, String column, String... keys) {
    if (keys.length > 0) {
      throw new IllegalArgumentException(
          "KEY is %s; for h2 it must not be given, because deleted rows keep their versions without it\n%s"
              .formatted(Arrays.toString(keys), USAGE));
    }
    return H2Versions.columnSql(table, column);
  }

  /** Without these attributes, Liquibase would split at each semicolon, also inside a function. */
  private static String changeset(String database, String table, String column) {
    boolean delimited = database.equals("mariadb") || database.equals("mysql");
    return "--liquibase formatted sql\n\n--changeset tidemark:\"%s\" %s stripComments:false\n"
        .formatted(
            (table + " " + column).replace('"', '\''),
            delimited ? "endDelimiter://" : "splitStatements:false");
  }
}
