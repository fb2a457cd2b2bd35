package io.tidemark.resilience4j;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Drop;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Finding;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Publish;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
  public List<Reply<Slot>> readAll(List<SlotKey> keys) {
    return askAll(keys, Function.identity(), () -> store.readAll(keys));
  }

  @Override
  public List<Reply<ClaimAnswer>> claimAll(
      List<SlotKey> keys, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return askAll(
        keys, Function.identity(), () -> store.claimAll(keys, fence, mode, claimLife, floorLife));
  }

  @Override
  public List<Reply<Boolean>> renewAll(List<SlotKey> keys, long fence, Duration claimLife) {
    return askAll(keys, Function.identity(), () -> store.renewAll(keys, fence, claimLife));
  }

  @Override
  public List<Reply<Boolean>> abandonAll(List<SlotKey> keys, long fence) {
    return askAll(keys, Function.identity(), () -> store.abandonAll(keys, fence));
  }

  @Override
  public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
    return askAll(fills, Fill::key, () -> store.fillAll(fills));
  }

  @Override
  public List<Reply<PublishAnswer>> publishAll(List<Publish> publishes) {
    return askAll(publishes, Publish::key, () -> store.publishAll(publishes));
  }

  @Override
  public List<Reply<RefreshAnswer>> refreshAll(List<Refresh> refreshes) {
    return askAll(refreshes, Refresh::key, () -> store.refreshAll(refreshes));
  }

  @Override
  public List<Reply<PublishAnswer>> dropAll(List<Drop> drops) {
    return askAll(drops, Drop::key, () -> store.dropAll(drops));
  }

  @Override
  public long clear(String cache, LongConsumer progress) {
    // Clearing has no key of its own; the probe reads the empty key, which is as good as any.
    return ask(new SlotKey(cache, ""), () -> store.clear(cache, progress));
  }

  @Override
  public boolean mayLackFloors(Duration floorLife) {
    return store.mayLackFloors(floorLife);
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

  /**
   * Asks for many slots, as one call. It counts as failed if any request failed as one that counts:
   * in a cluster, the others may have gone to servers that are well, as single calls may.
   */
  private <R, T> List<Reply<T>> askAll(
      List<R> requests, Function<R, SlotKey> keyOf, Supplier<List<Reply<T>>> verb) {
    if (requests.isEmpty()) {
      return List.of();
    }
    Permission permission = permission();
    if (permission == null) {
      return requests.stream()
          .<Reply<T>>map(request -> new Reply.Failed<>(notAsked(keyOf.apply(request))))
          .toList();
    }
    List<Reply<T>> replies;
    try {
      replies = verb.get();
    } catch (Throwable t) {
      breaker.releasePermission();
      throw t;
    }
    for (int i = 0; i < requests.size(); i++) {
      if (replies.get(i) instanceof Reply.Failed<T> failed && isAway(failed.failure())) {
        permission.failed(keyOf.apply(requests.get(i)), failed.failure());
        return replies;
      }
    }
    permission.succeeded();
    return replies;
  }

  private <T> T ask(SlotKey key, Supplier<T> verb) {
    Permission permission = permission();
    if (permission == null) {
      throw notAsked(key);
    }
    T answer;
    try {
      answer = verb.get();
    } catch (UnavailableException | OutcomeUnknownException e) {
      permission.failed(key, e);
      throw e;
    } catch (Throwable t) {
      breaker.releasePermission();
      throw t;
    }
    permission.succeeded();
    return answer;
  }

  private static boolean isAway(RuntimeException failure) {
    return failure instanceof UnavailableException || failure instanceof OutcomeUnknownException;
  }

  /** Returns null if the breaker is open. */
  private @Nullable Permission permission() {
    int phase = recovery.phase();
    return breaker.tryAcquirePermission() ? new Permission(phase, ticker.nanos()) : null;
  }

  private UnavailableException notAsked(SlotKey key) {
    return new UnavailableException(
        key, "not asked: the circuit breaker of its store is " + breaker.getState(), null);
  }

  /** The breaker's permission for one call, which the call's outcome ends. */
  private final class Permission {
    private final int phase;
    private final long startNanos;

    Permission(int phase, long startNanos) {
      this.phase = phase;
      this.startNanos = startNanos;
    }

    void failed(SlotKey key, RuntimeException failure) {
      if (counts(phase) && !Thread.currentThread().isInterrupted()) {
        recovery.failedAt(key);
        breaker.onError(ticker.nanos() - startNanos, TimeUnit.NANOSECONDS, failure);
      } else {
        breaker.releasePermission();
      }
    }

    void succeeded() {
      if (counts(phase)) {
        breaker.onSuccess(ticker.nanos() - startNanos, TimeUnit.NANOSECONDS);
      } else {
        breaker.releasePermission();
      }
    }
  }

  /**
   * Whether a call that began in this phase says anything about the current one. A call that was
   * waiting when the breaker opened may time out after the breaker has closed again.
   */
  private boolean counts(int phase) {
    return recovery.phase() == phase;
  }
}
