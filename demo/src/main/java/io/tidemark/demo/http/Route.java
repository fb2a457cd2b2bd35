package io.tidemark.demo.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A method, a path, and what answers it. Thread-safe if its handler is.
 *
 * @param method the HTTP method, such as {@code GET}
 * @param path the path, such as <code>/products/{id}</code>; a part in braces stands for any text
 *     without a slash
 * @param handler answers the requests
 */
public record Route(String method, String path, Handler handler) {

  /** Answers requests; called by many threads at once. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Answers one request.
     *
     * @throws RefusedRequestException if the request is to blame
     * @throws Exception for any other failure, which the server's {@link Failures} explains
     */
    Response handle(Request request) throws Exception;
  }

  /** Turns what a handler threw into an answer. Thread-safe. */
  @FunctionalInterface
  public interface Failures {
    /** The answer to a failure that is not the request's fault. */
    Response explain(Exception failure);
  }

  /** The texts of the parts in braces, if the path is one of this route's. */
  Optional<Map<String, String>> match(String requestPath) {
    List<String> wanted = parts(path);
    List<String> found = parts(requestPath);
    if (wanted.size() != found.size()) {
      return Optional.empty();
    }
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < wanted.size(); i++) {
      String part = wanted.get(i);
      if (part.startsWith("{")) {
        variables.put(part.substring(1, part.length() - 1), found.get(i));
      } else if (!part.equals(found.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(variables);
  }

  private static List<String> parts(String path) {
    return List.of(path.split("/", -1));
  }
}
