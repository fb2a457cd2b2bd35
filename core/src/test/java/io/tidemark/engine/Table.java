package io.tidemark.engine;

import io.tidemark.Row;
import io.tidemark.Source;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A source in memory that counts its loads, as a table with a version column would be read. */
final class Table implements Source<String, String> {
  private final Map<String, Row<String>> rows = new ConcurrentHashMap<>();
  private final AtomicInteger loads = new AtomicInteger();

  /** Commits a row, and returns it. */
  Row<String> put(String key, String value, long version) {
    Row<String> row = Row.present(value, version);
    rows.put(key, row);
    return row;
  }

  Row<String> delete(String key) {
    rows.remove(key);
    return Row.absent();
  }

  @Override
  public Row<String> load(String key) {
    loads.incrementAndGet();
    return rows.getOrDefault(key, Row.absent());
  }

  int loads() {
    return loads.get();
  }
}
