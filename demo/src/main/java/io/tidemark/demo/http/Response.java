package io.tidemark.demo.http;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a route answers. Immutable as far as its body is.
 *
 * @param status the HTTP status
 * @param body what becomes the JSON, a {@link Text}, or empty for none
 * @param headers further headers
 */
public record Response(int status, Optional<Object> body, Map<String, String> headers) {

  /** A body that is sent as it is. */
  record Text(String contentType, String text) {}

  /** An answer with a JSON body. */
  public static Response json(int status, Object body) {
    return new Response(status, Optional.of(body), Map.of());
  }

  /** An answer that is no JSON, sent as UTF-8. */
  public static Response text(int status, String contentType, String text) {
    return new Response(status, Optional.of(new Text(contentType, text)), Map.of());
  }

  /** 204. */
  public static Response noContent() {
    return new Response(204, Optional.empty(), Map.of());
  }

  /** An answer that says what went wrong: {@code {"error": message}}. */
  public static Response error(int status, String message) {
    return json(status, Map.of("error", message));
  }

  /** The same answer with one more header. */
  public Response withHeader(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new Response(status, body, Map.copyOf(more));
  }
}
