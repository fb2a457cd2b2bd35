package io.tidemark.jdbc;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a statement for several keys of a query for one. The user's query stays as it is and
 * compares as it does for one key, so that a key finds the same row either way: also with a
 * collation that ignores case, or with blanks that the database adds. The last column says which
 * key a row was found for, counted from 1; the row's own columns cannot tell.
 */
final class BulkSql {
  /** What a question mark can be part of without being a parameter, and the parameters. */
  private static final Pattern TOKENS =
      Pattern.compile("'[^']*'|\"[^\"]*\"|--[^\\n\\r]*|(?<parameter>\\?)");

  /** Escapes, dollar quotes, comments that can be nested, and operators with question marks. */
  private static final Pattern BEYOND_TOKENS = Pattern.compile("\\\\|\\$|/\\*|\\?\\?");

  private static final Pattern END = Pattern.compile("[\\s;]+\\z");

  private BulkSql() {}

  /**
   * For PostgreSQL: one array for each parameter of the query, whatever the number of keys.
   *
   * @param types the types of the arrays' elements
   * @return null if it is not certain where the parameters of the query are
   */
  static @Nullable String ofArrays(String query, List<String> types) {
    String ofRow = withColumns(query, types.size());
    if (ofRow == null) {
      return null;
    }
    String arrays = types.stream().map("?::%s[]"::formatted).collect(joining(", "));
    String columns =
        IntStream.rangeClosed(1, types.size())
            .mapToObj(i -> "tidemark_" + i)
            .collect(joining(", "));
    return """
        select tidemark_rows.*, tidemark_keys.tidemark_key
        from unnest(%s) with ordinality as tidemark_keys (%s, tidemark_key)
        cross join lateral (
        %s
        ) tidemark_rows"""
        .formatted(arrays, columns, ofRow);
  }

  /**
   * The query once for each key. The parameters of each are those of the query, and then the number
   * of keys: what is beyond it does not run.
   */
  static String ofUnion(String query, int size) {
    String one =
        "select tidemark_rows.*, %d as tidemark_key from (\n"
            + withoutEnd(query).replace("%", "%%")
            + "\n) tidemark_rows where %d <= ?";
    return IntStream.rangeClosed(1, size)
        .mapToObj(i -> one.formatted(i, i))
        .collect(joining("\nunion all\n"));
  }

  /** Names the parameters as columns; null if it is not certain where they are. */
  private static @Nullable String withColumns(String query, int count) {
    if (BEYOND_TOKENS.matcher(query).find()) {
      return null;
    }
    int[] found = {0};
    String named =
        TOKENS
            .matcher(withoutEnd(query))
            .replaceAll(
                token ->
                    token.group(1) == null
                        ? Matcher.quoteReplacement(token.group())
                        : "tidemark_keys.tidemark_" + ++found[0]);
    return found[0] == count ? named : null;
  }

  private static String withoutEnd(String query) {
    return END.matcher(query).replaceFirst("");
  }
}
