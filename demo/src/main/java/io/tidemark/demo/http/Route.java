package io.tidemark.demo.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A method, a path, and what answers it. Thread-safe if its handler is.
 *
 * @param method the HTTP method, such as {@code GET}
 * @param path the path, such as <code>/products/{id}</code>; a part in braces stands for any text
 *     without a slash
 * @param handler answers the requests
 * @param parameters the query parameters that it takes; empty if it takes and ignores any
 */
public record Route(String method, String path, Handler handler, Optional<Set<String>> parameters) {

  /** A route that refuses all query parameters but those. */
  public Route(String method, String path, Handler handler, String... parameters) {
    this(method, path, handler, Optional.of(Set.of(parameters)));
  }

  /** A route that takes and ignores any query parameter. */
  public static Route ofPage(String path, Handler handler) {
    return new Route("GET", path, handler, Optional.empty());
  }

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

  /**
   * Refuses a parameter that would be ignored.
   *
   * @throws RefusedRequestException 400 if there is one, with the parameters that are taken
   */
  void checkParameters(Request request) {
    Set<String> taken = parameters.orElseGet(request::parameters);
    for (String given : request.parameters()) {
      if (!taken.contains(given)) {
        throw new RefusedRequestException(
            400,
            given
                + " is given; "
                + (taken.isEmpty()
                    ? "there must be no parameter"
                    : "the parameters can be " + String.join(", ", new TreeSet<>(taken))));
      }
    }
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
