package io.tidemark.demo.node;

import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.demo.http.Response;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a read. Immutable.
 *
 * @param product what was read; null if there is no such product
 * @param source where it came from
 * @param latency how long it took, in milliseconds
 * @param lockAcquired whether the read was answered by a load under the lock
 * @param retries how often the cache was looked into again
 * @param version the row's version; null if it has none
 */
record ReadAnswer(
    @Nullable Product product,
    String source,
    double latency,
    boolean lockAcquired,
    int retries,
    @Nullable String version) {
  private static final double NANOS_PER_MILLI = 1_000_000;

  static ReadAnswer of(ReadResult<Product> result) {
    return new ReadAnswer(
        result.value().orElse(null),
        result.origin().label(),
        result.latency().toNanos() / NANOS_PER_MILLI,
        result.lockAcquired(),
        result.retries(),
        text(result.version()));
  }

  static ReadAnswer of(Rival.Answer answer, Duration latency) {
    return new ReadAnswer(
        answer.row() instanceof Row.Present<Product> present ? present.value() : null,
        answer.source(),
        latency.toNanos() / NANOS_PER_MILLI,
        answer.lockAcquired(),
        answer.retries(),
        text(answer.row().version()));
  }

  /** 404 without a product. */
  Response response() {
    return Response.json(product == null ? 404 : 200, this);
  }

  private static @Nullable String text(OptionalLong version) {
    return version.isPresent() ? Long.toString(version.getAsLong()) : null;
  }
}
