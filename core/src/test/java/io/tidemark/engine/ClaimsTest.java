package io.tidemark.engine;

import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.LoadFailedException;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Claims are renewed, and given up at their bound, whatever a renewal meets. */
class ClaimsTest {
  private static final Duration CLAIM_LIFE = Duration.ofMillis(30);

  private final Fleet fleet = new Fleet();
  private final Gate gate = new Gate();
  private final Events events = new Events();
  private final ManualTicker ticker = new ManualTicker();

  /** What the next renewal meets, and those after it. */
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private final RenewalCounter store = new RenewalCounter(new FailingRenewals());
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    gate.open();
    fleet.close();
    threads.shutdownNow();
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new IllegalStateException("renew.lua answered X"), new OutOfMemoryError("Java heap space"));
  }

  private final class FailingRenewals extends ForwardingStore {
    FailingRenewals() {
      super(fleet.store);
    }

    @Override
    public boolean renew(SlotKey key, long fence, Duration claimLife) {
      throwIfAny(failure.get());
      return super.renew(key, fence, claimLife);
    }

    @Override
    public boolean abandon(SlotKey key, long fence) {
      throwIfAny(failure.get());
      return super.abandon(key, fence);
    }
  }

  private static void throwIfAny(@Nullable Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    } else if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /** A write at the gate, whose claim is renewed. */
  private void write(UnaryOperator<CacheBuilder<String, String>> options) throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            fleet.table,
            builder ->
                options.apply(builder.claimLife(CLAIM_LIFE).ticker(ticker).listener(events)));
    Future<?> unused =
        fleet.call(
            () ->
                cache.update(
                    "a",
                    () -> {
                      gate.pass();
                      return fleet.table.put("a", "new", 2);
                    }));
    gate.awaitReached();
  }

  private void passTheBound() {
    ticker.pass(Fleet.PATIENT.maxLoadTime());
    await().until(() -> events.count(Kind.CLAIM_OUTLIVED) == 1);
    assertThat(events.count(Kind.LOCK_RELEASED)).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void renewal_throwsAnything_nextOneComesAndTheBoundIsKept(Throwable thrown) throws Exception {
    failure.set(thrown);
    write(options -> options);

    store.awaitMore(3);
    passTheBound();
  }

  @Test
  void renewal_executorRefusesFromNowOn_boundIsKept() throws Exception {
    AtomicBoolean refuses = new AtomicBoolean();
    write(
        options ->
            options.executor(
                task -> {
                  if (refuses.get()) {
                    throw new RejectedExecutionException("no thread is free");
                  }
                  threads.execute(task);
                }));
    store.awaitMore(1);
    refuses.set(true);

    passTheBound();
  }

  @Test
  void renewal_executorThrowsAnErrorOnce_nextOneComes() throws Exception {
    AtomicInteger tasks = new AtomicInteger();
    write(
        options ->
            options.executor(
                task -> {
                  if (tasks.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  threads.execute(task);
                }));

    store.awaitMore(2);
  }

  @Test
  void renewal_executorDropsATask_nextOneComesAndTheBoundIsKept() throws Exception {
    AtomicBoolean drops = new AtomicBoolean();
    write(
        options ->
            options.executor(
                task -> {
                  if (!drops.getAndSet(false)) {
                    threads.execute(task);
                  }
                }));
    store.awaitMore(1);
    drops.set(true);
    await().until(() -> !drops.get());

    store.awaitMore(2);
    passTheBound();
  }

  @Test
  void renewal_schedulerThrowsAnErrorOnce_nextOneComes() throws Exception {
    AtomicInteger failures = new AtomicInteger(1);
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(1) {
          @Override
          public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            if (store.count() > 0 && failures.getAndDecrement() > 0) {
              throw new OutOfMemoryError("Java heap space");
            }
            return super.schedule(task, delay, unit);
          }
        };
    write(options -> options.scheduler(scheduler));

    store.awaitMore(3);
    assertThat(failures).hasNegativeValue();
    scheduler.shutdownNow();
  }

  /** Each turn plans the next one: they must not become more and more. */
  @Test
  void renewal_schedulerRunsEachTaskTwice_isPlannedOnce() throws Exception {
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(1) {
          @Override
          public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            ScheduledFuture<?> unused = super.schedule(task, delay, unit);
            return super.schedule(task, delay, unit);
          }
        };
    write(options -> options.scheduler(scheduler));

    store.awaitMore(8);
    assertThat(scheduler.getQueue()).hasSizeLessThan(8);
    passTheBound();
    scheduler.shutdownNow();
  }

  /** Nobody would see to its bound any more. */
  @Test
  void renewal_schedulerIsShutDown_lockAndClaimAreGivenUp() throws Exception {
    ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(true);
    write(options -> options.scheduler(scheduler));
    store.awaitMore(1);
    scheduler.shutdown();

    await().until(() -> events.count(Kind.LOCK_RELEASED) == 1);
    assertThat(scheduler.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void load_sourceFailsAndAbandoningThrows_sourcesFailureIsThrown() {
    failure.set(new IllegalStateException("abandon.lua answered X"));
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            key -> {
              throw new IOException("the database is away");
            },
            options -> options);

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(LoadFailedException.class)
        .hasRootCauseMessage("the database is away");
  }

  @Test
  void load_schedulerRefusesItsTimer_isNotBegunWithoutABound() {
    ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    scheduler.shutdown();
    VersionedCache<String, String> cache = fleet.cache(options -> options.scheduler(scheduler));

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(UnavailableException.class);
    assertThat(fleet.table.loads()).isZero();
    assertThat(fleet.cache().get("a")).as("the key is free").isEmpty();
  }
}
