package io.tidemark.engine;

import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A lock is released once, and the threads that serve everybody neither wait for it nor tell. */
class LockReleaseTest {
  private static final Duration CLAIM_LIFE = Duration.ofMillis(30);

  private final Fleet fleet = new Fleet();
  private final Gate gate = new Gate();
  private final AtomicInteger releases = new AtomicInteger();

  @AfterEach
  void close() {
    gate.open();
    fleet.close();
  }

  /** Counts the releases of real locks, each of which meets something first. */
  private LockProvider releasing(Consumer<LockHandle> release) {
    return new LockProvider() {
      @Override
      public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
        LockAttempt attempt = fleet.locks.tryAcquire(key, deadline);
        return attempt instanceof LockAttempt.Acquired acquired
            ? new LockAttempt.Acquired(handle(acquired.handle()))
            : attempt;
      }

      private LockHandle handle(LockHandle handle) {
        return new LockHandle() {
          @Override
          public long fence() {
            return handle.fence();
          }

          @Override
          public void close() {
            releases.incrementAndGet();
            release.accept(handle);
          }
        };
      }
    };
  }

  @Test
  void close_providerHangsWhileALoadReleases_returns() throws Exception {
    fleet.table.put("a", "apple", 1);
    LockProvider hanging =
        releasing(
            handle -> {
              gate.passDespiteInterrupts();
              handle.close();
            });
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, hanging, fleet.table, options -> options);
    Future<?> unused = fleet.call(() -> cache.get("a"));
    gate.awaitReached();
    Thread closing = new Thread(cache::close, "closing");
    closing.start();
    closing.join(PATIENCE.toMillis());

    assertThat(closing.isAlive()).isFalse();
    assertThat(releases).hasValue(1);
  }

  @Test
  void load_providerThrowsOnRelease_isAskedOnce() {
    fleet.table.put("a", "apple", 1);
    LockProvider throwing =
        releasing(
            handle -> {
              handle.close();
              throw new IllegalStateException("no answer");
            });
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, throwing, fleet.table, options -> options);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(releases).hasValue(1);
  }

  @Test
  void claimOutlived_executorIsFasterThanTheTimer_isToldOnTheExecutorsThread() throws Exception {
    fleet.table.put("a", "apple", 1);
    ExecutorService threads = Executors.newCachedThreadPool(task -> new Thread(task, "executor"));
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "timer"));
    Executor overBeforeItReturns = task -> runToItsEnd(threads, task);
    AtomicReference<String> told = new AtomicReference<>("nobody");
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .executor(overBeforeItReturns)
                    .scheduler(timer)
                    .claimLife(CLAIM_LIFE)
                    .maxLoadTime(CLAIM_LIFE)
                    .listener(
                        event -> {
                          if (event.kind() == Kind.CLAIM_OUTLIVED) {
                            told.set(Thread.currentThread().getName());
                          }
                        }));

    cache.update(
        "a",
        () -> {
          await().until(() -> !"nobody".equals(told.get()));
          return fleet.table.put("a", "new", 2);
        });

    assertThat(told).hasValue("executor");
    threads.shutdownNow();
    timer.shutdownNow();
  }

  private static void runToItsEnd(ExecutorService threads, Runnable task) {
    try {
      threads.submit(task).get();
    } catch (Exception e) {
      throw new RejectedExecutionException(e);
    }
  }
}
