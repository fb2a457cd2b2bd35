package io.tidemark.resilience4j;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Finding;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A slot store behind a circuit breaker: while the store is away, calls fail at once instead of
 * waiting for a timeout each. Thread-safe.
 *
 * <p>A call counts as failed if it ends with {@link UnavailableException} or {@link
 * OutcomeUnknownException}; calls of interrupted threads do not count. When most of the last calls
 * have failed, the breaker opens. Every verb then throws {@link UnavailableException} without
 * asking the store. A probe in the background reads a slot of the store repeatedly, and closes the
 * breaker when it gets an answer, so that callers never wait to find out. It notices the store's
 * return within the {@link BreakerStoreBuilder#probeInterval}, plus, if the store was silent, the
 * store's own time limit.
 *
 * <p>Opening and closing are logged at INFO, and reported to the listeners of {@link
 * #circuitBreaker}.
 *
 * <p>A store that answers reads and refuses writes, such as a full Redis, does not open the breaker
 * as long as there are enough reads among the calls: hits are served as usual.
 */
public final class BreakerStore implements SlotStore, AutoCloseable {
  private final SlotStore store;
  private final CircuitBreaker breaker;
  private final Recovery recovery;
  private final @Nullable ScheduledExecutorService ownScheduler;
  private final Ticker ticker;

  /**
   * The breaker starts closed.
   *
   * @param ownScheduler is shut down by {@link #close}
   */
  BreakerStore(
      SlotStore store,
      CircuitBreaker breaker,
      Recovery recovery,
      @Nullable ScheduledExecutorService ownScheduler,
      Ticker ticker) {
    this.store = store;
    this.breaker = breaker;
    this.recovery = recovery;
    this.ownScheduler = ownScheduler;
    this.ticker = ticker;
  }

  /** Starts to build a breaker around a store. Closing the store remains up to the caller. */
  public static BreakerStoreBuilder builder(SlotStore store) {
    return new BreakerStoreBuilder(Objects.requireNonNull(store, "store"));
  }

  /**
   * The breaker itself, for its state, its events and its metrics. To keep all requests from the
   * store, set the breaker to {@code FORCED_OPEN}, which stops the probe too; {@code OPEN} ends
   * when a probe gets an answer.
   */
  public CircuitBreaker circuitBreaker() {
    return breaker;
  }

  /** The store's text, with a note that it is behind a breaker. */
  @Override
  public String toString() {
    return store + " behind a circuit breaker";
  }

  @Override
  public Slot read(SlotKey key) {
    return ask(key, () -> store.read(key));
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return ask(key, () -> store.claim(key, fence, mode, claimLife, floorLife));
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    return ask(key, () -> store.renew(key, fence, claimLife));
  }

  @Override
  public boolean abandon(SlotKey key, long fence) {
    return ask(key, () -> store.abandon(key, fence));
  }

  @Override
  public FillAnswer fill(
      SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
    return ask(key, () -> store.fill(key, fence, row, rule, lifetime));
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return ask(key, () -> store.publish(key, fence, row, lifetime, floorLife));
  }

  @Override
  public RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return ask(key, () -> store.refresh(key, row, lifetime, floorLife));
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    return ask(key, () -> store.drop(key, version, floorLife));
  }

  @Override
  public long clear(String cache, LongConsumer progress) {
    // Clearing has no key of its own; the probe reads the empty key, which is as good as any.
    return ask(new SlotKey(cache, ""), () -> store.clear(cache, progress));
  }

  @Override
  public void limit(String cache, int maxPayloadBytes) {
    store.limit(cache, maxPayloadBytes);
  }

  /** The store's own findings. Asks the store whatever the breaker's state. */
  @Override
  public List<Finding> check() {
    return store.check();
  }

  /**
   * Stops the probe and the breaker: from now on all calls go directly to the store. Idempotent.
   */
  @Override
  public void close() {
    recovery.stop();
    if (ownScheduler != null) {
      ownScheduler.shutdownNow();
    }
  }

  private <T> T ask(SlotKey key, Supplier<T> verb) {
    int phase = recovery.phase();
    if (!breaker.tryAcquirePermission()) {
      throw new UnavailableException(
          key, "not asked: the circuit breaker of its store is " + breaker.getState(), null);
    }
    long startNanos = ticker.nanos();
    T answer;
    try {
      answer = verb.get();
    } catch (UnavailableException | OutcomeUnknownException e) {
      if (counts(phase) && !Thread.currentThread().isInterrupted()) {
        recovery.failedAt(key);
        breaker.onError(ticker.nanos() - startNanos, TimeUnit.NANOSECONDS, e);
      } else {
        breaker.releasePermission();
      }
      throw e;
    } catch (Throwable t) {
      breaker.releasePermission();
      throw t;
    }
    if (counts(phase)) {
      breaker.onSuccess(ticker.nanos() - startNanos, TimeUnit.NANOSECONDS);
    } else {
      breaker.releasePermission();
    }
    return answer;
  }

  /**
   * Whether a call that began in this phase says anything about the current one. A call that was
   * waiting when the breaker opened may time out after the breaker has closed again.
   */
  private boolean counts(int phase) {
    return recovery.phase() == phase;
  }
}
