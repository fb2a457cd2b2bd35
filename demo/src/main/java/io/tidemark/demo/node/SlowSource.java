package io.tidemark.demo.node;

import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.spi.Finding;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads products as a slow query would, or a process that pauses after its query: the row is older
 * than the answer by the latency. Thread-safe.
 */
final class SlowSource implements Source<ProductRead, Product> {
  private final Products products;

  SlowSource(Products products) {
    this.products = products;
  }

  @Override
  public Row<Product> load(ProductRead read)
      throws SQLException, InterruptedException, TimeoutException {
    Row<Product> row = products.load(read.id());
    TimeUnit.NANOSECONDS.sleep(read.dbLatency().toNanos());
    read.awaitHold();
    read.loaded();
    return row;
  }

  @Override
  public List<Finding> check() {
    return products.source().check();
  }

  @Override
  public Optional<String> obstacle() {
    return products.source().obstacle();
  }
}
