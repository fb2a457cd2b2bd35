package io.tidemark.engine;

import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callers are told where no thread was free for them: which threads those are. */
class NoThreadTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  private final Fleet fleet = new Fleet();
  private final Gate gate = new Gate();
  private final ManualTicker ticker = new ManualTicker();

  /** The pool of the callers, say, who wait for what waits for them. */
  private final BusyExecutor busy = new BusyExecutor();

  private static final class BusyExecutor implements Executor {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public String toString() {
      return "Pool[active threads = 8, queued tasks = " + tasks.size() + "]";
    }
  }

  @AfterEach
  void close() {
    gate.open();
    fleet.close();
  }

  @Test
  void read_executorRunsNothing_namesTheExecutorAndSaysOfNoLoadThatItGoesOn() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(busy).deadline(SHORT));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        // On a slow machine the timer comes before the task is queued.
        .hasMessageMatching(
            "test:a: no thread was free to load it within PT0\\.05S:"
                + " Pool\\[active threads = 8, queued tasks = [01]]");
  }

  @Test
  void refresh_executorRunsNothing_namesTheExecutor() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(busy).deadline(SHORT));

    assertThatThrownBy(() -> cache.refresh("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("no thread was free to load it within PT0.05S: Pool[");
  }

  @Test
  void explain_executorRunsNothing_namesTheExecutor() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(busy).deadline(SHORT));

    assertThat(cache.explain("a").failures())
        .singleElement()
        .satisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(DeadlineExceededException.class)
                    .hasMessageContaining("no thread was free to load it within PT0.05S: Pool["));
  }

  @Test
  void read_threadComesAfterTheWaitLimit_namesTheExecutorAndAsksNoSource() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(busy).deadline(Duration.ofHours(1)).ticker(ticker));
    Future<?> read = fleet.callThatWaits(() -> cache.get("a"));
    await().until(() -> !busy.tasks.isEmpty());
    ticker.pass(Duration.ofMinutes(50));
    busy.tasks.remove().run();

    assertThatThrownBy(read::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(DeadlineExceededException.class)
        .hasRootCauseMessage(
            "test:a: no thread was free to load it within PT48M:"
                + " Pool[active threads = 8, queued tasks = 0]");
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void updateAsync_threadComesAfterTheDeadline_namesTheExecutorAndWritesNothing() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(busy).deadline(Duration.ofHours(1)).ticker(ticker));
    CompletableFuture<WriteResult<String>> write =
        cache.updateAsync("a", () -> fleet.table.put("a", "apple", 1));
    ticker.pass(Duration.ofHours(1));
    busy.tasks.remove().run();

    assertThatThrownBy(write::join)
        .hasRootCauseInstanceOf(DeadlineExceededException.class)
        .hasRootCauseMessage(
            "test:a: no thread was free to write it within PT1H:"
                + " Pool[active threads = 8, queued tasks = 0]; the write did not run");
  }

  @Test
  void updateAsync_allOfMaxAsyncWritesAreBusy_namesTheOption() throws Exception {
    VersionedCache<String, String> cache = fleet.cache(options -> options.maxAsyncWrites(1));
    CompletableFuture<?> writing =
        cache.updateAsync(
            "a",
            () -> {
              gate.pass();
              return Row.absent();
            });
    gate.awaitReached();

    assertThatThrownBy(
            () ->
                cache
                    .with(CallOptions.none().deadline(SHORT))
                    .updateAsync("b", () -> fleet.table.put("b", "banana", 1))
                    .get())
        .hasRootCauseInstanceOf(DeadlineExceededException.class)
        .hasRootCauseMessage(
            "test:b: no thread was free to write it within PT0.05S:"
                + " maxAsyncWrites=1 are under way and 1 more wait; the write did not run");
    gate.open();
    writing.get();
    assertThat(fleet.table.load("b")).isEqualTo(Row.absent());
  }

  @Test
  void read_allOfMaxLoadsAreBusy_namesTheOption() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, gate.before(Row.absent()), options -> options.maxLoads(1));
    Future<?> unused = fleet.call(() -> cache.get("a"));
    gate.awaitReached();

    assertThatThrownBy(() -> cache.with(CallOptions.none().deadline(SHORT)).get("b"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage(
            "test:b: no thread was free to load it within PT0.05S:"
                + " maxLoads=1 are under way and 1 more wait");
  }

  @Test
  void read_allOfMaxFallbackLoadsAreBusy_namesTheOption() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            Fleet.NO_LOCKS,
            gate.before(Row.absent()),
            options -> options.onFallback(FallbackPolicy.LOAD).maxFallbackLoads(1));
    Future<?> unused = fleet.call(() -> cache.get("a"));
    gate.awaitReached();

    assertThatThrownBy(() -> cache.with(CallOptions.none().deadline(SHORT)).get("b"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage(
            "test:b: no thread was free to load it within PT0.05S:"
                + " maxFallbackLoads=1 are under way and 1 more wait");
  }

  @Test
  void read_lockIsNotHadInTime_saysThatTheSourceWasNotAsked() throws Exception {
    VersionedCache<String, String> other =
        fleet.cache(fleet.store, gate.before(Row.absent()), options -> options);
    Future<?> unused = fleet.call(() -> other.get("a"));
    gate.awaitReached();
    VersionedCache<String, String> cache = fleet.cache();
    Future<?> patient = fleet.callThatWaits(() -> cache.get("a"));

    assertThatThrownBy(() -> cache.with(CallOptions.none().deadline(SHORT)).get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage(
            "test:a: not loaded within PT0.05S; the load goes on, and has not come as far as to ask"
                + " the source");
    gate.open();
    patient.get();
  }

  @Test
  void readAsync_callbacksKeepAllThreads_namesTheirLimit() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, gate.before(Row.absent()), options -> options);
    List<CompletableFuture<?>> blocked = new ArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    AtomicInteger callbacks = new AtomicInteger();
    for (int i = 0; i < CacheThreads.MAX_CALLERS; i++) {
      blocked.add(
          cache
              .getAsync("a" + i)
              .thenAccept(
                  found -> {
                    callbacks.incrementAndGet();
                    end.join();
                  }));
    }
    gate.open();
    await().until(() -> callbacks.get() == CacheThreads.MAX_CALLERS);

    CompletableFuture<?> late = cache.with(CallOptions.none().deadline(SHORT)).getAsync("b");

    assertThatThrownBy(late::join)
        .hasRootCauseInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("test:b: no thread was free to read it within PT0.05S: ")
        .hasMessageContaining("calls that return a future=" + CacheThreads.MAX_CALLERS);
    end.complete(null);
    blocked.forEach(CompletableFuture::join);
  }
}
