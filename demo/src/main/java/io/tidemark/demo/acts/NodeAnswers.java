package io.tidemark.demo.acts;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What a node answers, as far as the acts look at it. */
final class NodeAnswers {
  private NodeAnswers() {}

  /** A product as JSON has it. */
  record Product(long id, String name, BigDecimal price, int stock) {}

  /** The answer to a read. */
  record Read(@Nullable Product product, String source, String version) {
    /** The price, for messages. */
    String price() {
      return product == null ? "none" : product.price().toPlainString();
    }
  }

  /** The answer to an update. */
  record Update(Product product, String version) {}

  /** The answer to a stampede; times in microseconds since 1970. */
  record Stampede(
      int totalRequests,
      int dbReads,
      int errors,
      long startedAtMicros,
      @Nullable Long loadEndedAtMicros,
      long lastAnsweredAtMicros) {}

  /** What a warming came to. */
  record Warmed(int keys, int found, int loaded, int failed) {}

  /** What Redis holds for a product. */
  record Slot(String state, @Nullable String version) {}

  /** How many loads a hold keeps. */
  record Waiting(int waiting) {}

  /** What ZooKeeper knows a node by. */
  record Session(long id, String password) {}

  /** A node's counts since its start. */
  record Stats(long misses, long refused) {}
}
