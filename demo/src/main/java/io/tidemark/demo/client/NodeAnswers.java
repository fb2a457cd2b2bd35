package io.tidemark.demo.client;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a node answers, as far as its callers look at it. */
public final class NodeAnswers {
  private NodeAnswers() {}

  /** A product as JSON has it. */
  public record Product(long id, String name, BigDecimal price, int stock) {}

  /** The answer to a read. */
  public record Read(@Nullable Product product, String source, String version) {
    /** The price, for messages. */
    public String price() {
      return product == null ? "none" : product.price().toPlainString();
    }
  }

  /** The answer to an update. */
  public record Update(Product product, String version) {}

  /** One caller of a stampede: its latency in milliseconds, and when it had its answer. */
  public record Caller(double latency, long answeredAtMicros, boolean failed) {}

  /** The answer to a stampede; times in microseconds since 1970. */
  public record Stampede(
      int totalRequests,
      int dbReads,
      double avgLatency,
      int errors,
      long startedAtMicros,
      @Nullable Long loadEndedAtMicros,
      long lastAnsweredAtMicros,
      List<Caller> callers) {}

  /** What a warming came to. */
  public record Warmed(int keys, int found, int loaded, int failed) {}

  /** What Redis holds for a product. */
  public record Slot(String state, @Nullable String version) {}

  /**
   * What a cache did inside.
   *
   * @param at when, in milliseconds since 1970
   * @param product whose slot
   * @param what in words
   * @param millis how long it took; null for what has no duration
   */
  public record Work(double at, long product, String what, @Nullable Double millis) {}

  /** What it did since it was asked last, and the number to ask from next. */
  public record WorkDone(long next, long lost, List<Work> work) {}

  /** How many loads a hold keeps, and how many callers of stampedes have ended. */
  public record Waiting(int waiting, int ended) {}

  /** What ZooKeeper knows a node by. */
  public record Session(long id, String password) {}

  /** A node's counts since its start. */
  public record Stats(long hits, long misses, long loads, long refused, long lockWaited) {}
}
