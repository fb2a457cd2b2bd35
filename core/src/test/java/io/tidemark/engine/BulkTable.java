package io.tidemark.engine;

import io.tidemark.BulkSource;
import io.tidemark.Row;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sources of a table that read many rows at once, and note what they were asked for. */
final class BulkTable {
  private final Table table;
  private final List<List<String>> asked = new CopyOnWriteArrayList<>();

  BulkTable(Table table) {
    this.table = table;
  }

  /** What happens when the rows have been read, before they are returned. */
  interface BeforeReturn {
    void run(Collection<String> keys) throws Exception;
  }

  /** What the sources were asked for, call by call; may be cleared. */
  List<List<String>> asked() {
    return asked;
  }

  BulkSource<String, String> source() {
    return source(keys -> {});
  }

  BulkSource<String, String> source(BeforeReturn beforeReturn) {
    return BulkSource.of(
        key -> {
          asked.add(List.of(key));
          return table.load(key);
        },
        keys -> {
          asked.add(List.copyOf(keys));
          Map<String, Row<String>> rows = new HashMap<>();
          for (String key : keys) {
            Row<String> row = table.load(key);
            if (row instanceof Row.Present) {
              rows.put(key, row);
            }
          }
          beforeReturn.run(keys);
          return rows;
        });
  }
}
