package io.tidemark.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Versions from PostgreSQL: a trigger that sets a row's {@code timestamptz} column to the clock,
 * and to a microsecond more than before where the clock does not show more. It runs under the row's
 * lock, so that the versions of a row follow the order of its commits. Thread-safe.
 *
 * <p>The SQL is the resource {@code postgresql-version.sql} beside this class; its head says what
 * it does not cover.
 */
public final class PostgresVersions {
  private static final String RESOURCE = "postgresql-version.sql";

  /** Quotes every body in the resource, so that no name may contain it. */
  private static final String BODY_QUOTE = "$tidemark$";

  private static final String FUNCTION_PREFIX = "tidemark_version_";

  /** PostgreSQL cuts longer names off without an error, and two functions would become one. */
  private static final int MAX_NAME_BYTES = 63;

  private static final Pattern PART =
      Pattern.compile("\\G([A-Za-z_][A-Za-z0-9_$]*|\"(?:[^\"\\x00]|\"\")+\")(\\.|\\z)");

  /** With the quotes round it, a name becomes a text; without, an identifier. */
  private static final Pattern PLACEHOLDER = Pattern.compile("'\\$\\{(\\w+)}'|\\$\\{(\\w+)}");

  private PostgresVersions() {}

  /**
   * The SQL that puts the trigger on a table, for {@link java.sql.Statement#execute(String)}. Part
   * of a migration: it takes a lock that waits for the table's writers, and two processes should
   * not run it at once. Running it again changes nothing. It fails, and changes nothing, where the
   * column is missing or no {@code timestamptz} of full precision.
   *
   * <p>It makes a trigger {@code zz_tidemark_version}, and in the table's schema a function {@code
   * tidemark_version_<column>} that tables with a version column of that name share.
   *
   * @param table the table as written in SQL: {@code product}, {@code sales.product}, {@code "Odd
   *     Schema"."Odd Table"}. As in SQL, a name without quotes is lower case
   * @param column the version column, written likewise; at most 46 bytes
   * @throws IllegalArgumentException if a name breaks its rule
   */
  public static String triggerSql(String table, String column) {
    List<String> tableParts = identifiers("table", table, 2);
    String quotedColumn = identifiers("column", column, 1).get(0);
    String functionName = quote(FUNCTION_PREFIX + unquote(quotedColumn));
    if (unquote(functionName).getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "column is '%s'; it must be at most %d bytes long"
              .formatted(column, MAX_NAME_BYTES - FUNCTION_PREFIX.length()));
    }
    List<String> functionParts = new ArrayList<>(tableParts);
    functionParts.set(functionParts.size() - 1, functionName);
    return fill(
        template(),
        Map.of(
            "table", String.join(".", tableParts),
            "column", quotedColumn,
            "function", String.join(".", functionParts)));
  }

  /** Splits a name at its dots, and quotes each part. */
  private static List<String> identifiers(String what, String name, int mostParts) {
    List<String> parts = new ArrayList<>();
    Matcher matcher = PART.matcher(name);
    boolean complete = false;
    while (!complete && matcher.find()) {
      String part = matcher.group(1);
      parts.add(part.startsWith("\"") ? part : quote(part.toLowerCase(Locale.ROOT)));
      complete = matcher.group(2).isEmpty();
    }
    if (!complete || parts.size() > mostParts || name.contains(BODY_QUOTE)) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be %s as written in SQL, in double quotes unless it is letters, digits, _ and $, and without %s"
              .formatted(
                  what, name, mostParts == 1 ? "a name" : "a name or schema.name", BODY_QUOTE));
    }
    return parts;
  }

  private static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String unquote(String quoted) {
    return quoted.substring(1, quoted.length() - 1).replace("\"\"", "\"");
  }

  private static String fill(String template, Map<String, String> names) {
    return PLACEHOLDER
        .matcher(template)
        .replaceAll(match -> Matcher.quoteReplacement(filled(match, names)));
  }

  private static String filled(MatchResult placeholder, Map<String, String> names) {
    return placeholder.group(1) == null
        ? name(names, placeholder.group(2))
        : '\'' + name(names, placeholder.group(1)).replace("'", "''") + '\'';
  }

  private static String name(Map<String, String> names, String placeholder) {
    return Objects.requireNonNull(names.get(placeholder), placeholder);
  }

  private static String template() {
    try (InputStream resource = PostgresVersions.class.getResourceAsStream(RESOURCE)) {
      return new String(
          Objects.requireNonNull(resource, RESOURCE).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }
}
