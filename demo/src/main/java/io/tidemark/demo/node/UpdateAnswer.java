package io.tidemark.demo.node;

import io.tidemark.Row;
import io.tidemark.demo.http.Response;

/** The answer to an update that was done. Immutable. */
record UpdateAnswer(Product product, String version) {
  /** 404 if there was no such product. */
  static Response response(long id, Row<Product> row) {
    return row instanceof Row.Present<Product> present
        ? Response.json(200, new UpdateAnswer(present.value(), Long.toString(present.rowVersion())))
        : ProductRequests.noSuchProduct(id);
  }
}
