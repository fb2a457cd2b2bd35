package io.tidemark.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How one database writes names. Immutable and thread-safe. */
final class SqlNames {
  private final char quote;
  private final @Nullable UnaryOperator<String> folding;
  private final String forbidden;
  private final String rule;
  private final Pattern part;

  /**
   * Describes a database.
   *
   * @param quote encloses a quoted name, and is doubled inside
   * @param folding changes the case of a name without quotes as the database does, or null if its
   *     settings decide that: the name then stays without quotes
   * @param forbidden what no name may contain, as it ends a literal or function body; may be empty
   */
  SqlNames(char quote, @Nullable UnaryOperator<String> folding, String forbidden) {
    this.quote = quote;
    this.folding = folding;
    this.forbidden = forbidden;
    this.rule =
        "as written in SQL, in %s unless it is letters, digits, _ and $%s"
            .formatted(
                quote == '"' ? "double quotes" : "backquotes",
                forbidden.isEmpty() ? "" : ", and without " + forbidden);
    this.part =
        Pattern.compile(
            "\\G([A-Za-z_][A-Za-z0-9_$]*|Q(?:[^Q\\x00]|QQ)+Q)(\\.|\\z)".replace('Q', quote));
  }

  /** A table's name: its parts, quoted. */
  List<String> table(String name) {
    return parts("table", name, 2, "a name or schema.name ");
  }

  /** A column's name, quoted. */
  String column(String name) {
    return parts("column", name, 1, "a name ").get(0);
  }

  /** The names of a key's columns, quoted. */
  List<String> keyColumns(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("keyColumns is empty; it must name the key's columns");
    }
    List<String> columns = new ArrayList<>();
    for (String name : names) {
      String column = parts("keyColumns", name, 1, "a name ").get(0);
      if (columns.contains(column)) {
        throw new IllegalArgumentException(
            "keyColumns names '%s' twice; each column may be named once".formatted(name));
      }
      columns.add(column);
    }
    return columns;
  }

  /** Splits a name at its dots, and quotes each part. */
  private List<String> parts(String what, String name, int mostParts, String shape) {
    List<String> parts = new ArrayList<>();
    Matcher matcher = part.matcher(name);
    boolean complete = false;
    while (!complete && matcher.find()) {
      String found = matcher.group(1);
      parts.add(folding == null || found.charAt(0) == quote ? found : quote(folding.apply(found)));
      complete = matcher.group(2).isEmpty();
    }
    if (!complete
        || parts.size() > mostParts
        || (!forbidden.isEmpty() && name.contains(forbidden))) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be %s%s".formatted(what, name, shape, rule));
    }
    return parts;
  }

  /** A name in the schema of a table. */
  String beside(List<String> tableParts, String name) {
    List<String> parts = new ArrayList<>(tableParts);
    parts.set(parts.size() - 1, quote(name));
    return String.join(".", parts);
  }

  String quote(String name) {
    String q = String.valueOf(quote);
    return q + name.replace(q, q + q) + q;
  }

  String unquote(String quoted) {
    String q = String.valueOf(quote);
    return quoted.substring(1, quoted.length() - 1).replace(q + q, q);
  }

  /** A name as a string literal, to compare with names in catalogs. */
  String text(String quoted) {
    return '\'' + unquote(quoted).replace("'", "''") + '\'';
  }

  /** The schema of a table as a string literal, or else an expression for the current schema. */
  String schemaText(List<String> tableParts, String current) {
    return tableParts.size() == 1 ? current : text(tableParts.get(0));
  }

  /** The table's own name, without schema and quotes. */
  String lastPart(List<String> tableParts) {
    return unquote(tableParts.get(tableParts.size() - 1));
  }

  /** Refuses a name that is too long for the names made from it. */
  static void checkBytes(String what, String name, String unquoted, int most) {
    if (unquoted.getBytes(StandardCharsets.UTF_8).length > most) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be at most %d bytes long".formatted(what, name, most));
    }
  }
}
