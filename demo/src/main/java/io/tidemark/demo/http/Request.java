package io.tidemark.demo.http;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a route gets of a request. Immutable as long as nobody changes the body's array. */
public final class Request {
  private final Map<String, String> path;
  private final String target;
  private final Map<String, String> query;
  private final byte[] body;

  Request(Map<String, String> path, URI uri, byte[] body) {
    String rawQuery = uri.getRawQuery();
    this.path = path;
    this.target = rawQuery == null ? uri.getRawPath() : uri.getRawPath() + "?" + rawQuery;
    this.query = parseQuery(rawQuery);
    this.body = body;
  }

  /**
   * A part of the path.
   *
   * @param name its name in the route's braces
   * @param notation reads the text; throws {@link IllegalArgumentException} with the rule
   * @throws RefusedRequestException 400 with the name and the rule, if {@code notation} refuses it
   */
  public <T> T path(String name, Function<String, T> notation) {
    return read(name, Objects.requireNonNull(path.get(name), name), notation);
  }

  /**
   * A query parameter, empty if it is not given. Works as {@link #path}.
   *
   * @param name its name
   * @param notation as for {@link #path}
   */
  public <T> Optional<T> query(String name, Function<String, T> notation) {
    String text = query.get(name);
    return text == null ? Optional.empty() : Optional.of(read(name, text, notation));
  }

  /** The names of the query parameters that are given. */
  Set<String> parameters() {
    return query.keySet();
  }

  /** The path and the query as they were sent. */
  public String target() {
    return target;
  }

  /** The body's bytes, none if there is no body. */
  public byte[] body() {
    return body;
  }

  private static <T> T read(String name, String text, Function<String, T> notation) {
    try {
      return notation.apply(text);
    } catch (IllegalArgumentException e) {
      throw new RefusedRequestException(400, name + " is " + e.getMessage());
    }
  }

  private static Map<String, String> parseQuery(@Nullable String rawQuery) {
    Map<String, String> query = new HashMap<>();
    if (rawQuery == null) {
      return query;
    }
    for (String pair : rawQuery.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (query.put(name, value) != null) {
        throw new RefusedRequestException(400, name + " is given twice; it may be given once");
      }
    }
    return query;
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new RefusedRequestException(
          400, "the query has '" + text + "'; % must be followed by two hexadecimal digits");
    }
  }
}
