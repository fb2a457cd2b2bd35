package io.tidemark.demo.acts;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Compared with Tidemark after an eviction: a real script that compares versions and knows no
 * claim.
 */
final class CompareNewer {
  private static final String SCRIPT = "/io/tidemark/demo/node/compare-newer.lua";
  private static final BigDecimal RISE = new BigDecimal("100.00");

  private CompareNewer() {}

  /**
   * What came of it.
   *
   * @param lateWrite what the script said to the old row
   * @param servedPrice what a reader finds in Redis
   * @param price what the database has
   */
  record Outcome(String lateWrite, String servedPrice, String price) {
    boolean isStale() {
      return !servedPrice.equals(price);
    }
  }

  /** The steps of the eviction, one after another: read, update, publish, evict, write late. */
  static Outcome play(DemoStage stage, long id) throws Exception {
    String key = "compare-newer:" + id;
    DatabaseView.Row old = stage.database().row(id);
    DatabaseView.Row updated = stage.database().update(id, old.product().price().add(RISE));
    write(stage, key, updated);
    stage.redis().del(key);
    String lateWrite = write(stage, key, old);
    return new Outcome(
        lateWrite,
        String.valueOf(stage.redis().hget(key, "payload")),
        price(stage.database().row(id)));
  }

  private static String write(DemoStage stage, String key, DatabaseView.Row row)
      throws IOException {
    String version = "%019d".formatted(row.rowVersion());
    return String.valueOf(stage.redis().eval(script(), List.of(key), List.of(version, price(row))));
  }

  private static String price(DatabaseView.Row row) {
    return row.product().price().toPlainString();
  }

  private static String script() throws IOException {
    try (InputStream in = CompareNewer.class.getResourceAsStream(SCRIPT)) {
      return new String(Objects.requireNonNull(in, SCRIPT).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
