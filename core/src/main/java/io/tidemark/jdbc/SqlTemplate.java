package io.tidemark.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** SQL in resources beside this class, with placeholders. */
final class SqlTemplate {

  /** A placeholder in quotes becomes a string literal; one without quotes, its plain value. */
  private static final Pattern PLACEHOLDER = Pattern.compile("'\\$\\{(\\w+)}'|\\$\\{(\\w+)}");

  private SqlTemplate() {}

  static String read(String resource) {
    try (InputStream stream = SqlTemplate.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(stream, resource).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }

  /** Replaces the placeholders by their values. */
  static String fill(String template, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(template)
        .replaceAll(match -> Matcher.quoteReplacement(filled(match, values)));
  }

  private static String filled(MatchResult placeholder, Map<String, String> values) {
    return placeholder.group(1) == null
        ? value(values, placeholder.group(2))
        : '\'' + value(values, placeholder.group(1)).replace("'", "''") + '\'';
  }

  private static String value(Map<String, String> values, String placeholder) {
    return Objects.requireNonNull(values.get(placeholder), placeholder);
  }
}
