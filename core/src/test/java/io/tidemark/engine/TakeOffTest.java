package io.tidemark.engine;

import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent;
import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loads that get no thread, for whatever reason, and what the next callers of their keys get. */
class TakeOffTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  private final Fleet fleet = new Fleet();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<Throwable> ofExecutor = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> ofScheduler = new ConcurrentLinkedQueue<>();

  private final ScheduledThreadPoolExecutor scheduler =
      new ScheduledThreadPoolExecutor(1) {
        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
          throwNext(ofScheduler);
          return super.schedule(task, delay, unit);
        }
      };

  @AfterEach
  void close() {
    fleet.close();
    threads.shutdownNow();
    scheduler.shutdownNow();
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new OutOfMemoryError("unable to create native thread"),
        new IllegalStateException("a bug"),
        new RejectedExecutionException("full"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void read_executorThrowsOnce_failsAndTheNextOneLoads(Throwable failure) {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache = cache(options -> options);
    ofExecutor.add(failure);

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageStartingWith("test:a: the executor refused to run the load: ")
        .hasMessageContaining(failure.getMessage())
        .hasCause(failure);
    assertThat(cache.get("a")).hasValue("apple");
  }

  @ParameterizedTest
  @MethodSource("failures")
  void readAsync_executorThrowsOnce_failsAndTheNextOneLoads(Throwable failure) throws Exception {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache = cache(options -> options);
    ofExecutor.add(failure);

    assertThatThrownBy(() -> cache.getAsync("a").get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(UnavailableException.class);
    assertThat(cache.getAsync("a").get()).hasValue("apple");
  }

  /** The first task is the call's look, the second its load, the third its answer. */
  @ParameterizedTest
  @MethodSource("failures")
  void readAsync_executorThrowsAtAnyTask_failsAndTheNextOneLoads(Throwable failure)
      throws Exception {
    for (int tasksBefore = 0; tasksBefore < 3; tasksBefore++) {
      String key = "key" + tasksBefore;
      fleet.table.put(key, "apple", 1);
      Queue<Boolean> before = new ConcurrentLinkedQueue<>();
      int most = tasksBefore;
      VersionedCache<String, String> cache =
          fleet.cache(
              options ->
                  options
                      .scheduler(scheduler)
                      .executor(
                          task -> {
                            if (before.size() == most) {
                              before.add(true);
                              TakeOffTest.<RuntimeException>sneak(failure);
                            }
                            before.add(true);
                            threads.execute(task);
                          }));

      assertThatThrownBy(() -> cache.getAsync(key).get())
          .as("after %d tasks", tasksBefore)
          .hasCauseInstanceOf(UnavailableException.class);
      assertThat(cache.getAsync(key).get()).hasValue("apple");
    }
  }

  @ParameterizedTest
  @MethodSource("failures")
  void refresh_executorThrowsOnce_failsAndTheNextOneLoads(Throwable failure) {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache = cache(options -> options);
    ofExecutor.add(failure);

    assertThatThrownBy(() -> cache.refresh("a")).isInstanceOf(UnavailableException.class);
    assertThat(cache.refresh("a").value()).hasValue("apple");
  }

  @ParameterizedTest
  @MethodSource("failures")
  void fallbackLoad_executorThrowsOnce_givesItsPlaceBack(Throwable failure) {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        fleet.cache(
            new UnreadableStore(fleet.store),
            fleet.table,
            options -> broken(options).onFallback(FallbackPolicy.LOAD).maxFallbackLoads(1));
    ofExecutor.add(failure);

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(UnavailableException.class);
    assertThat(cache.get("a")).hasValue("apple");
  }

  @ParameterizedTest
  @MethodSource("failures")
  void refreshAhead_executorThrowsOnce_theHitIsServedAndALaterOneRefreshes(Throwable failure) {
    ManualTicker ticker = new ManualTicker();
    Events events = new Events();
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        cache(
            options ->
                options
                    .ticker(ticker)
                    .listener(events)
                    .ttl(Duration.ofSeconds(100))
                    .refreshAhead(RefreshAhead.afterFraction(0.5)));
    cache.get("a");
    fleet.pass(Duration.ofSeconds(60));
    ofExecutor.add(failure);

    assertThat(cache.get("a")).hasValue("apple");
    ticker.pass(Duration.ofSeconds(1));
    assertThat(cache.get("a")).hasValue("apple");
    await().until(() -> events.count(CacheEvent.Kind.REFRESH_STORED) == 1);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void read_schedulerThrowsOnce_failsAndTheNextOneLoads(Throwable failure) throws Exception {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache = cache(options -> options);
    ofScheduler.add(failure);

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(UnavailableException.class);
    assertThat(cache.get("a")).hasValue("apple");
    cache.invalidate("a");
    ofScheduler.add(failure);
    assertThatThrownBy(() -> cache.getAsync("a").get())
        .hasCauseInstanceOf(UnavailableException.class);
    assertThat(cache.getAsync("a").get()).hasValue("apple");
  }

  @Test
  void read_executorDropsTheTask_isNoticedAtTheFirstDeadline() {
    fleet.table.put("a", "apple", 1);
    Queue<Boolean> dropped = new ConcurrentLinkedQueue<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options.executor(
                    task -> {
                      if (dropped.isEmpty()) {
                        dropped.add(true);
                      } else {
                        threads.execute(task);
                      }
                    }));

    assertThatThrownBy(() -> cache.with(CallOptions.none().deadline(SHORT)).get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("no thread was free to load it within PT0.05S");
    assertThat(cache.get("a")).hasValue("apple");
  }

  @Test
  void calls_executorDropsTheTaskAndHasNoText_failAtTheDeadlineAndTheNextOneLoads() {
    fleet.table.put("a", "apple", 1);
    AtomicBoolean drops = new AtomicBoolean(true);
    final class WithoutText implements Executor {
      @Override
      public void execute(Runnable task) {
        if (!drops.get()) {
          threads.execute(task);
        }
      }

      @Override
      public String toString() {
        throw new StackOverflowError("a bug");
      }
    }
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(new WithoutText()));
    VersionedCache<String, String> hasty = cache.with(CallOptions.none().deadline(SHORT));
    String message = "within PT0.05S: ";

    assertThatThrownBy(() -> hasty.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> hasty.getAsync("a").get())
        .hasCauseInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> hasty.updateAsync("a", () -> Row.absent()).get())
        .hasCauseInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining(message);
    drops.set(false);
    assertThat(cache.get("a")).hasValue("apple");
  }

  /** What goes wrong at take-off has a text that goes wrong as well. */
  @Test
  void read_executorThrowsWhatHasNoMessage_failsAndTheNextOneLoads() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache = cache(options -> options);
    Throwable failure = new WithoutMessage();
    ofExecutor.add(failure);

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageEndingWith(
            "the executor refused to run the load: io.tidemark.engine.TakeOffTest$WithoutMessage")
        .hasCause(failure);
    assertThat(cache.get("a")).hasValue("apple");
    ofExecutor.add(failure);
    assertThat(cache.updateAsync("a", () -> Row.absent()))
        .failsWithin(PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(UnavailableException.class);
  }

  private static final class WithoutMessage extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new StackOverflowError("a bug");
    }
  }

  /** A caller that is more patient than the first one has a load of its own then. */
  @Test
  void read_executorDropsTheTaskOfAHastyCaller_aPatientOneThatJoinedLoads() throws Exception {
    fleet.table.put("a", "apple", 1);
    Queue<Runnable> dropped = new ConcurrentLinkedQueue<>();
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .ticker(ticker)
                    .executor(
                        task -> {
                          if (dropped.isEmpty()) {
                            dropped.add(task);
                          } else {
                            threads.execute(task);
                          }
                        }));
    Future<?> hasty = fleet.call(() -> cache.with(CallOptions.none().deadline(SHORT)).get("a"));
    await().until(() -> !dropped.isEmpty());
    Future<ReadResult<String>> patient = fleet.callThatWaits(() -> cache.read("a"));
    ticker.pass(SHORT);

    assertThat(patient.get().value()).hasValue("apple");
    assertThatThrownBy(hasty::get).hasCauseInstanceOf(DeadlineExceededException.class);
    dropped.remove().run();
    assertThat(fleet.table.loads()).as("a task that comes too late does nothing").isEqualTo(1);
  }

  @Test
  void fallbackLoad_executorDropsTheTask_givesItsPlaceBackAtTheDeadline() {
    fleet.table.put("a", "apple", 1);
    AtomicBoolean drops = new AtomicBoolean(true);
    VersionedCache<String, String> cache =
        fleet.cache(
            new UnreadableStore(fleet.store),
            fleet.table,
            options ->
                options
                    .onFallback(FallbackPolicy.LOAD)
                    .maxFallbackLoads(1)
                    .executor(
                        task -> {
                          if (!drops.get()) {
                            threads.execute(task);
                          }
                        }));

    assertThatThrownBy(() -> cache.with(CallOptions.none().deadline(SHORT)).get("b"))
        .isInstanceOf(DeadlineExceededException.class);
    drops.set(false);
    assertThat(cache.get("a")).hasValue("apple");
  }

  /** There is no thread to fall back on, and a caller's own would not keep its deadline. */
  @Test
  void fallbackLoad_executorIsClosed_failsAtOnceAndSaysSo() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        cache(options -> options.onFallback(FallbackPolicy.LOAD));
    threads.shutdown();

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageStartingWith("test:a: the executor refused to run the load: ");
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void stale_executorIsClosed_servesTheExpiredValue() {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache =
        cache(
            options ->
                options
                    .onFallback(FallbackPolicy.STALE)
                    .ttl(Duration.ofSeconds(10))
                    .grace(Duration.ofSeconds(60)));
    cache.get("a");
    fleet.pass(Duration.ofSeconds(10));
    threads.shutdown();

    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE_STALE);
  }

  private VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(builder -> options.apply(broken(builder)));
  }

  /** With threads and a timer that fail as the test says. */
  private CacheBuilder<String, String> broken(CacheBuilder<String, String> options) {
    return options
        .scheduler(scheduler)
        .executor(
            task -> {
              throwNext(ofExecutor);
              threads.execute(task);
            });
  }

  private static void throwNext(Queue<Throwable> failures) {
    Throwable failure = failures.poll();
    if (failure != null) {
      TakeOffTest.<RuntimeException>sneak(failure);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> void sneak(Throwable failure) throws X {
    throw (X) failure;
  }
}
