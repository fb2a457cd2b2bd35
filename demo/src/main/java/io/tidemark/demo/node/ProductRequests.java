package io.tidemark.demo.node;

import io.tidemark.demo.http.Request;
import io.tidemark.demo.http.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What requests ask for. Immutable.
 *
 * @param dbLatency of loads whose request does not say
 * @param rehearsal whose holds requests may name, where acts are played on this node
 */
record ProductRequests(Duration dbLatency, Optional<Rehearsal> rehearsal) {
  private static final String DB_LATENCY = "dbLatency";

  /** The query parameters of a read, and others. */
  String[] parameters(String... others) {
    List<String> names = new ArrayList<>(List.of(others));
    names.add(DB_LATENCY);
    if (rehearsal.isPresent()) {
      names.add(Rehearsal.HOLD);
    }
    return names.toArray(String[]::new);
  }

  /** The product that is to be read, and how. */
  ProductRead read(Request request) {
    return new ProductRead(
        id(request), latency(request), rehearsal.flatMap(acts -> acts.hold(request)));
  }

  /** How long its loads take longer than their query. */
  Duration latency(Request request) {
    return request
        .query(
            DB_LATENCY, text -> Notation.duration(text, Duration.ZERO, NodeOptions.MOST_DB_LATENCY))
        .orElse(dbLatency);
  }

  static long id(Request request) {
    return request.path("id", text -> Notation.wholeNumber(text, 1, Long.MAX_VALUE));
  }

  static Response noSuchProduct(long id) {
    return Response.error(404, "id is " + id + "; there is no such product");
  }
}
