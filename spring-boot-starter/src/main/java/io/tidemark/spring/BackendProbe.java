package io.tidemark.spring;

import io.tidemark.TidemarkException;
import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store and the locks whether they answer: for one slot, and for the holder of one lock.
 * Changes nothing. Thread-safe.
 *
 * <p>A question that does not return keeps one thread; later probes wait for it instead of asking
 * again. So a backend that hangs costs one thread, however often it is probed.
 */
public final class BackendProbe implements AutoCloseable {
  /** No cache has this name and key, as {@code check} uses them too. */
  private static final SlotKey PROBED = new SlotKey("tidemark-health", "");

  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);

  private final ExecutorService threads =
      DaemonThreads.named("tidemark-health").newPool(IDLE_THREAD_LIFE);
  private final TaskLimit questions = TaskLimit.none(threads);
  private final Question store;
  private final Question locks;

  BackendProbe(SlotStore store, LockProvider locks, Duration timeout) {
    this.store = new Question(() -> store.read(PROBED), timeout);
    this.locks = new Question(() -> locks.holder(PROBED, Deadline.after(timeout)), timeout);
  }

  /** Why the store does not answer; empty if it does. Blocks for the health timeout at most. */
  public Optional<String> storeFailure() throws InterruptedException {
    return store.failure();
  }

  /** Why the locks do not answer, likewise. */
  public Optional<String> locksFailure() throws InterruptedException {
    return locks.failure();
  }

  /** Ends the threads. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  private final class Question {
    private final Callable<?> callable;
    private final Duration timeout;
    private @Nullable CompletableFuture<?> underWay;

    Question(Callable<?> callable, Duration timeout) {
      this.callable = callable;
      this.timeout = timeout;
    }

    Optional<String> failure() throws InterruptedException {
      try {
        asked().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return Optional.empty();
      } catch (ExecutionException e) {
        return Optional.of(reason(e.getCause()));
      } catch (TimeoutException e) {
        return Optional.of("no answer within " + timeout);
      } catch (RejectedExecutionException e) {
        return Optional.of("the application is being closed");
      }
    }

    /**
     * Without the key, which nobody asked for. Of failures unknown to Tidemark, the class helps.
     */
    private static String reason(@Nullable Throwable failure) {
      return failure instanceof TidemarkException known
          ? known.withoutKey()
          : String.valueOf(failure);
    }

    private synchronized CompletableFuture<?> asked() {
      CompletableFuture<?> last = underWay;
      if (last == null || last.isDone()) {
        last = questions.submit(callable);
        underWay = last;
      }
      return last;
    }
  }
}
