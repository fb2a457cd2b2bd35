package io.tidemark.demo.node;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One question for a product, or several that are asked together: the key of the cache. Loads run
 * on threads of the cache, so what a request wants of its load, and wants to know of it, travels
 * with the key. Thread-safe.
 */
final class ProductRead {
  private static final long NEVER = Long.MIN_VALUE;

  private final long id;
  private final Duration dbLatency;
  private final Optional<Hold> hold;
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicLong loadEndedAtMicros = new AtomicLong(NEVER);

  ProductRead(long id, Duration dbLatency) {
    this(id, dbLatency, Optional.empty());
  }

  /**
   * Prepares to read a product.
   *
   * @param hold where its loads wait once they have read the row
   */
  ProductRead(long id, Duration dbLatency, Optional<Hold> hold) {
    this.id = id;
    this.dbLatency = dbLatency;
    this.hold = hold;
  }

  long id() {
    return id;
  }

  /** How long a load takes longer than its query. */
  Duration dbLatency() {
    return dbLatency;
  }

  /** Whether its loads are held. */
  boolean isHeld() {
    return hold.isPresent();
  }

  /** Notes that one of those who asked together has an answer, or an error. */
  void callerEnded() {
    hold.ifPresent(Hold::callerEnded);
  }

  /** Waits where its loads are held, if they are. */
  void awaitHold() throws InterruptedException, TimeoutException {
    if (hold.isPresent()) {
      hold.get().await();
    }
  }

  /** What the cache knows the product by: the id alone. */
  String encoded() {
    return Long.toString(id);
  }

  /** Notes that this question was answered by the database now. */
  void loaded() {
    loadEndedAtMicros.accumulateAndGet(microsNow(), Math::max);
    loads.incrementAndGet();
  }

  /** How often the database answered this question. */
  int loads() {
    return loads.get();
  }

  /** When the last of those loads ended, in microseconds since 1970; null if there was none. */
  @Nullable Long loadEndedAtMicros() {
    long micros = loadEndedAtMicros.get();
    return micros == NEVER ? null : micros;
  }

  /** This process's clock in microseconds since 1970. */
  static long microsNow() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  @Override
  public String toString() {
    return encoded();
  }
}
