package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent;
import io.tidemark.ClaimRule;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.RecursiveLoadException;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls that return a future. */
class AsyncCallsTest {
  private static final Duration SHORT = Duration.ofMillis(100);

  private final Fleet fleet = new Fleet();
  private final Queue<Runnable> noThread = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wrote = new AtomicBoolean();
  private final CompletableFuture<Void> abandoned = new CompletableFuture<>();

  /** What a cache has planned, the end of a call's wait first: it comes when the test says so. */
  private final Queue<Runnable> timers = new ConcurrentLinkedQueue<>();

  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1) {
        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
          timers.add(task);
          return super.schedule(() -> {}, delay, unit);
        }
      };

  @AfterEach
  void close() {
    fleet.close();
    timer.shutdownNow();
  }

  /** What a cache may run its calls on: threads of its own, or an executor of the user's. */
  static List<Named<Threads>> threads() {
    List<Named<Threads>> threads = new ArrayList<>();
    threads.add(Named.of("its own", new Threads(null)));
    threads.add(Named.of("a pool", new Threads("newCachedThreadPool")));
    if (Runtime.version().feature() >= 21) {
      threads.add(Named.of("virtual", new Threads("newVirtualThreadPerTaskExecutor")));
    }
    return threads;
  }

  /**
   * Threads of one kind.
   *
   * @param factory the method of {@link Executors} that makes them, null for the cache's own
   */
  record Threads(@Nullable String factory) {
    CacheBuilder<String, String> set(CacheBuilder<String, String> options) {
      return factory == null ? options : options.executor(create(factory));
    }

    private static ExecutorService create(String factory) {
      try {
        return (ExecutorService) Executors.class.getMethod(factory).invoke(null);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(factory, e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("threads")
  void readAsync_anyThreads_loadsAndThenHits(Threads threads) throws Exception {
    VersionedCache<String, String> cache = fleet.cache(threads::set);
    fleet.table.put("a", "apple", 7);

    ReadResult<String> cold = cache.readAsync("a").get();
    ReadResult<String> warm = cache.readAsync("a").get();

    assertThat(cold.value()).hasValue("apple");
    assertThat(cold.version()).hasValue(7);
    assertThat(cold.origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(warm.origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.getAsync("a").get()).hasValue("apple");
    assertThat(fleet.table.loads()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("threads")
  void readAsync_loadUnderWay_waitsForItWithTheOthers(Threads threads) throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, gate.before(Row.present("apple", 1)), threads::set);
    List<CompletableFuture<ReadResult<String>>> results = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      results.add(cache.readAsync("a"));
    }
    gate.awaitReached();
    Future<ReadResult<String>> blocking = fleet.callThatWaits(() -> cache.read("a"));
    gate.open();

    for (CompletableFuture<ReadResult<String>> result : results) {
      assertThat(result.get().value()).hasValue("apple");
    }
    assertThat(blocking.get().value()).hasValue("apple");
    assertThat(cache.stats().loads()).isEqualTo(1);
  }

  @Test
  void readAsync_noSuchRow_isAbsent() throws Exception {
    VersionedCache<String, String> cache = fleet.cache();

    assertThat(cache.getAsync("a").get()).isEmpty();
    assertThat(cache.readAsync("a").get().origin()).isEqualTo(Origin.CACHE);
  }

  @ParameterizedTest
  @MethodSource("threads")
  void anyAsync_fails_givesTheExceptionItselfToWhatDependsOnIt(Threads threads) {
    IllegalStateException onFire = new IllegalStateException("database on fire");
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              throw onFire;
            },
            threads::set);
    IOException noDisk = new IOException("no disk");

    assertThat(failure(cache.readAsync("a"))).isInstanceOf(LoadFailedException.class);
    assertThat(failure(cache.getAsync("a")))
        .isInstanceOf(LoadFailedException.class)
        .hasMessage("test:a: the source failed")
        .hasCause(onFire);
    assertThat(
            failure(
                cache.updateAsync(
                    "a",
                    () -> {
                      throw noDisk;
                    })))
        .isSameAs(noDisk);
  }

  @Test
  void anyAsync_badCall_throwsAtOnce() {
    VersionedCache<String, String> cache = fleet.cache();

    assertThatThrownBy(() -> cache.readAsync("\ud800"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cache.getAsync("\ud800")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cache.updateAsync("\ud800", Row::absent))
        .isInstanceOf(IllegalArgumentException.class);
    cache.close();
    assertThatThrownBy(() -> cache.readAsync("a")).isInstanceOf(CacheClosedException.class);
    assertThatThrownBy(() -> cache.getAsync("a")).isInstanceOf(CacheClosedException.class);
    assertThatThrownBy(() -> cache.updateAsync("a", Row::absent))
        .isInstanceOf(CacheClosedException.class);
  }

  @Test
  void anyAsync_ownKeyWithinItsLoadOrWrite_throwsAtOnce() {
    CompletableFuture<VersionedCache<String, String>> self = new CompletableFuture<>();
    VersionedCache<String, String> cache =
        fleet.cacheOf(key -> Row.present(self.join().getAsync(key).get().orElseThrow(), 1));
    self.complete(cache);

    assertThatThrownBy(() -> cache.get("a")).hasCauseInstanceOf(RecursiveLoadException.class);
    assertThat(
            failure(cache.updateAsync("b", () -> cache.updateAsync("b", Row::absent).get().row())))
        .isInstanceOf(RecursiveLoadException.class);
  }

  /** Ends no wait before somebody stands at a gate, however slow the machine is. */
  private static ScheduledExecutorService timerAfter(Gate gate) {
    return new ScheduledThreadPoolExecutor(1) {
      @Override
      protected void beforeExecute(Thread thread, Runnable task) {
        try {
          gate.awaitReached();
        } catch (InterruptedException e) {
          throw new AssertionError("interrupted before the gate was reached", e);
        }
      }
    };
  }

  @ParameterizedTest
  @MethodSource("threads")
  void readAsync_loadSlowerThanTheDeadline_failsAndTheLoadGoesOn(Threads threads) {
    Gate gate = new Gate();
    ScheduledExecutorService onceLoading = timerAfter(gate);
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            gate.before(Row.present("apple", 1)),
            options -> threads.set(options).scheduler(onceLoading).deadline(SHORT).ticker(() -> 0));

    assertThat(failure(cache.readAsync("a"))).isInstanceOf(DeadlineExceededException.class);
    gate.open();
    await().until(() -> fleet.store.read(slotKey("a")).isHit());
    onceLoading.shutdownNow();
  }

  @Test
  void readAsync_cancelled_harmsNobodyElse() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cacheOf(gate.before(Row.present("apple", 1)));
    CompletableFuture<ReadResult<String>> cancelled = cache.readAsync("a");
    gate.awaitReached();
    CompletableFuture<ReadResult<String>> other = cache.readAsync("a");

    assertThat(cancelled.cancel(true)).isTrue();
    gate.open();

    assertThat(other.get().value()).hasValue("apple");
    assertThat(cancelled).isCancelled();
    assertThat(cache.get("a")).hasValue("apple");
  }

  /** As with readAsync: nobody waits for what would be loaded past the cache. */
  @Test
  void getAsync_cancelledBeforeTheWaitLimit_loadsNothing() throws Exception {
    Events events = new Events();
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .onFallback(FallbackPolicy.LOAD)
                    .waitLimit(Duration.ofMillis(50))
                    .listener(events));
    CompletableFuture<?> cancelled = cache.getAsync("a");
    await().until(() -> events.count(CacheEvent.Kind.MISS) == 1);
    cancelled.cancel(true);
    await().until(() -> events.count(CacheEvent.Kind.LOCK_TIMED_OUT) == 1);
    // One that still waits has its load by then, as has the first if it did.
    assertThat(cache.get("a")).isEmpty();

    assertThat(events.count(CacheEvent.Kind.READ_BY_FALLBACK)).isEqualTo(1);
    ((LockAttempt.Acquired) held).handle().close();
  }

  @ParameterizedTest
  @MethodSource("threads")
  void readAsync_cacheIsClosedMeanwhile_fails(Threads threads) throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, gate.before(Row.absent()), threads::set);
    CompletableFuture<ReadResult<String>> result = cache.readAsync("a");
    gate.awaitReached();
    cache.close();

    assertThat(failure(result)).isInstanceOf(CacheClosedException.class);
  }

  @Test
  void readAsync_cacheIsClosedBeforeItBegins_fails() {
    VersionedCache<String, String> cache = fleet.cache(options -> options.executor(noThread::add));
    CompletableFuture<ReadResult<String>> result = cache.readAsync("a");
    cache.close();
    runAll();

    assertThat(failure(result)).isInstanceOf(CacheClosedException.class);
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void anyAsync_cacheIsClosedAndNoThreadIsFree_endsByTheDeadline() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(noThread::add).deadline(SHORT));
    CompletableFuture<ReadResult<String>> read = cache.readAsync("a");
    CompletableFuture<WriteResult<String>> write = cache.updateAsync("a", this::write);
    cache.close();

    assertThat(failure(read)).isInstanceOf(TidemarkException.class);
    assertThat(failure(write)).isInstanceOf(TidemarkException.class);
  }

  @Test
  void readAsync_noThreadIsFree_failsByTheDeadline() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(noThread::add).deadline(SHORT));
    CompletableFuture<ReadResult<String>> result = cache.readAsync("a");

    assertThat(failure(result))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageMatching(
            "test:a: no thread was free to read it within PT0.1S: .*AsyncCallsTest.*");
    runAll();
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void anyAsync_executorRefuses_failsAtOnce() {
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options.executor(
                    task -> {
                      throw new RejectedExecutionException("full");
                    }));

    assertThat(failure(cache.readAsync("a")))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("test:a: the executor refused to run the call: full");
    assertThat(failure(cache.updateAsync("a", this::write)))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("test:a: the executor refused to run the write: full; the write did not run");
    assertThat(wrote).isFalse();
  }

  @Test
  void updateAsync_schedulerRefuses_failsAtOnce() {
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    scheduler.shutdown();
    VersionedCache<String, String> cache = fleet.cache(options -> options.scheduler(scheduler));

    assertThat(failure(cache.updateAsync("a", this::write)))
        .isInstanceOf(UnavailableException.class)
        .hasMessageStartingWith("test:a: the scheduler refused to time the write: ")
        .hasMessageEndingWith("; the write did not run");
    assertThat(wrote).isFalse();
  }

  @Test
  void readAsync_executorRefusesAfterTheLoad_failsAtOnce() throws Exception {
    Gate gate = new Gate();
    AtomicBoolean full = new AtomicBoolean();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            gate.before(Row.absent()),
            options ->
                options
                    .deadline(Duration.ofMinutes(10))
                    .executor(
                        task -> {
                          if (full.get()) {
                            throw new RejectedExecutionException("full");
                          }
                          new Thread(task).start();
                        }));
    CompletableFuture<ReadResult<String>> result = cache.readAsync("a");
    gate.awaitReached();
    await().until(() -> cache.stats().misses() == 1);
    full.set(true);
    gate.open();

    assertThat(failure(result)).isInstanceOf(UnavailableException.class);
  }

  /** The timer's thread must not wait for a store that does not answer. */
  @Test
  void readAsync_storeHangsInARenewal_failsByTheDeadlineAllTheSame() throws Exception {
    Gate renewal = new Gate();
    Gate load = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public boolean renew(SlotKey key, long fence, Duration claimLife) {
                renewal.passUninterrupted();
                return super.renew(key, fence, claimLife);
              }
            },
            load.before(Row.absent()),
            // By a clock that stands still, the load itself is never too late to begin.
            options -> options.claimLife(Duration.ofMillis(30)).deadline(SHORT).ticker(() -> 0));
    // Starts the load on this thread: no other need come for that by the deadline.
    assertThatThrownBy(() -> cache.read("a")).isInstanceOf(DeadlineExceededException.class);
    renewal.awaitReached();

    assertThat(failure(cache.readAsync("a"))).isInstanceOf(DeadlineExceededException.class);
    renewal.open();
    load.open();
  }

  @ParameterizedTest
  @MethodSource("threads")
  void updateAsync_anyThreads_writesAndPublishes(Threads threads) throws Exception {
    VersionedCache<String, String> cache = fleet.cache(threads::set);

    WriteResult<String> result =
        cache.updateAsync("a", () -> fleet.table.put("a", "apple", 1)).get();

    assertThat(result.outcome()).isEqualTo(WriteOutcome.STORED);
    assertThat(result.row()).isEqualTo(Row.present("apple", 1));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void updateAsync_noThreadIsFree_failsByTheDeadlineAndNeverRuns() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(noThread::add).deadline(SHORT));
    CompletableFuture<WriteResult<String>> result = cache.updateAsync("a", this::write);

    assertThat(failure(result))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageMatching(
            "test:a: no thread was free to write it within PT0.1S: .*AsyncCallsTest.*; the write did"
                + " not run");
    runAll();
    assertThat(wrote).isFalse();
  }

  @Test
  void updateAsync_cancelledBeforeItBegins_neverRuns() {
    VersionedCache<String, String> cache = fleet.cache(options -> options.executor(noThread::add));
    CompletableFuture<WriteResult<String>> result = cache.updateAsync("a", this::write);
    assertThat(result.cancel(false)).isTrue();
    runAll();

    assertThat(wrote).isFalse();
  }

  @Test
  void updateAsync_cancelledAfterItBegan_isPublishedAllTheSame() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cache();
    CompletableFuture<WriteResult<String>> result =
        cache.updateAsync(
            "a",
            () -> {
              gate.pass();
              return fleet.table.put("a", "apple", 1);
            });
    gate.awaitReached();
    result.cancel(true);
    gate.open();

    await().until(() -> cache.read("a").origin() == Origin.CACHE);
    assertThat(cache.get("a")).hasValue("apple");
  }

  @Test
  void updateAsync_locksHang_failsByTheDeadlineAndNeverRuns() throws Exception {
    Gate gate = new Gate();
    Events events = new Events();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            (key, deadline) -> {
              passIgnoringInterrupts(gate);
              return fleet.locks.tryAcquire(key, deadline);
            },
            fleet.table,
            options -> options.scheduler(timer).listener(events));
    CompletableFuture<?> result = cache.updateAsync("a", ClaimRule.BEST_EFFORT, this::write);
    gate.awaitReached();
    timers.remove().run();
    // A wait for the lock may last until the deadline, and the write then go on without it.
    assertThat(result).isNotDone();
    timers.remove().run();

    assertThat(failure(result))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage("test:a: lock and claim were not had within PT5M; the write did not run");
    gate.open();
    await().until(() -> events.count(CacheEvent.Kind.LOCK_RELEASED) == 1);
    assertThat(wrote).isFalse();
  }

  @Test
  void updateAsync_storeHangsAtTheClaim_failsByTheDeadlineAndLeavesNothing() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            new HangingClaims(fleet.store, gate) {
              @Override
              public boolean abandon(SlotKey key, long fence) {
                boolean was = super.abandon(key, fence);
                abandoned.complete(null);
                return was;
              }
            },
            fleet.table,
            options -> options.scheduler(timer));
    CompletableFuture<?> result = cache.updateAsync("a", this::write);
    gate.awaitReached();
    timers.remove().run();
    // A wait for the lock may last until the deadline, and the write then go on without it.
    assertThat(result).isNotDone();
    timers.remove().run();

    assertThat(failure(result)).isInstanceOf(DeadlineExceededException.class);
    gate.open();
    abandoned.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
    assertThat(wrote).isFalse();
  }

  /** As a driver that heeds none. */
  private static void passIgnoringInterrupts(Gate gate) {
    boolean passed = false;
    while (!passed) {
      try {
        gate.pass();
        passed = true;
      } catch (InterruptedException e) {
        // Goes on.
      }
    }
  }

  @Test
  void updateAsync_asManyWritesHangAsMayLoad_theLoadsGoOn() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cache(options -> options.maxLoads(1));
    fleet.table.put("b", "banana", 1);
    CompletableFuture<?> writing = cache.updateAsync("a", () -> writeAt(gate));
    gate.awaitReached();

    assertThat(fleet.call(() -> cache.get("b")).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .hasValue("banana");
    assertThat(writing).isNotDone();
    gate.open();
    writing.get();
  }

  @Test
  void updateAsync_asManyWritesWaitForTheirLocksAsMayLoad_theLoadsGoOn() throws Exception {
    Events events = new Events();
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.maxLoads(1).listener(events));
    fleet.table.put("b", "banana", 1);
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    CompletableFuture<?> writing = cache.updateAsync("a", this::write);
    await().until(() -> events.count(CacheEvent.Kind.LOCK_WAIT) == 1);

    assertThat(fleet.call(() -> cache.get("b")).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .hasValue("banana");
    assertThat(wrote).isFalse();
    ((LockAttempt.Acquired) held).handle().close();
    writing.get();
  }

  private Row<String> writeAt(Gate gate) throws InterruptedException {
    gate.pass();
    return write();
  }

  private Row<String> write() {
    wrote.set(true);
    return Row.absent();
  }

  private void runAll() {
    Runnable task;
    while ((task = noThread.poll()) != null) {
      task.run();
    }
  }

  /** What a stage that depends on a future is told, which ends in time. */
  private static Throwable failure(CompletableFuture<?> future) {
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    CompletableFuture<?> unused =
        future.whenComplete(
            (result, failure) -> {
              if (failure == null) {
                told.completeExceptionally(new AssertionError("it ended well: " + result));
              } else {
                told.complete(failure);
              }
            });
    try {
      return told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
