package io.tidemark.spring.cache;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One call of a method that is cached. It runs once at most: Spring's interceptors cannot be run
 * through again, so a second run would reach the method past them, and past its transaction.
 * Thread-safe.
 */
final class MethodCall {
  /**
   * How often a caller looks for its value while loads have no method to call, before it calls its
   * own itself: they are those of readers without a method, or their failure is remembered.
   */
  static final int MAX_LOOKS = 3;

  private final Callable<?> loader;
  private final ValueRules values;
  private final AtomicBoolean begun = new AtomicBoolean();

  /** What the method returned; null before. */
  private volatile @Nullable Returned returned;

  /**
   * What a method returned.
   *
   * @param value may be null
   */
  record Returned(@Nullable Object value) {}

  MethodCall(Callable<?> loader, ValueRules values) {
    this.loader = loader;
    this.values = values;
  }

  /** Whether the caller is the first to begin, and so the one that may run it. */
  boolean begin() {
    return begun.compareAndSet(false, true);
  }

  /**
   * Calls the method, after {@link #begin}.
   *
   * @throws IllegalArgumentException if the cache does not hold such values
   */
  Row<Object> run() throws Exception {
    Object value = loader.call();
    Row<Object> row = values.row(value);
    returned = new Returned(value);
    return row;
  }

  /** The value that was read; what the method returned is better than an expired one. */
  @Nullable Object valueFor(ReadResult<Object> read) {
    Returned own = returned;
    return own != null && read.origin() == Origin.CACHE_STALE
        ? own.value()
        : read.value().orElse(null);
  }

  /** What the method returned; null if it has not returned yet, or threw. */
  @Nullable Returned returned() {
    return returned;
  }
}
