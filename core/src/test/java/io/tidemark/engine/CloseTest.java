package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CallOptions;
import io.tidemark.ClaimRule;
import io.tidemark.Origin;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the end of a cache does to loads and writes, and what it leaves alone. */
class CloseTest {
  private final Fleet fleet = new Fleet();
  private final Gate gate = new Gate();
  private final Events events = new Events();
  private final AtomicInteger writes = new AtomicInteger();

  @AfterEach
  void close() {
    gate.open();
    fleet.close();
  }

  private Row<String> write() {
    writes.incrementAndGet();
    return fleet.table.put("a", "new", 2);
  }

  private Row<String> writeAtTheGate() throws InterruptedException {
    gate.pass();
    return write();
  }

  private static Throwable failure(Future<?> result) {
    try {
      return new AssertionError("no failure: " + result.get());
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A source that an interrupt does not reach, as a driver's. */
  private Row<String> loadThatHangs(String key) {
    while (true) {
      try {
        gate.pass();
        return Row.present("slow", 1);
      } catch (InterruptedException e) {
        // Goes on.
      }
    }
  }

  /** The threads and the timer have ended by then, which is no failure of theirs. */
  @Test
  void close_betweenAMissAndItsLoad_tellsTheReaderThatTheCacheWasClosed() {
    CompletableFuture<VersionedCache<String, String>> closing = new CompletableFuture<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options.listener(
                    event -> {
                      if (event.kind() == CacheEvent.Kind.MISS) {
                        closing.join().close();
                      }
                    }));
    closing.complete(cache);

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheClosedException.class);
  }

  @Test
  void close_loadDoesNotHeedInterrupts_givesUpItsClaimAndItsLockAtOnce() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, this::loadThatHangs, options -> options.listener(events));
    Future<?> reading = fleet.call(() -> cache.get("a"));
    gate.awaitReached();

    cache.close();

    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
    assertThat(events.count(Kind.LOCK_RELEASED)).isEqualTo(1);
    fleet.table.put("a", "apple", 1);
    assertThat(fleet.cache().get("a")).hasValue("apple");
    assertThat(failure(reading)).isInstanceOf(CacheClosedException.class);
  }

  /** A refresh has no claim. */
  @Test
  void close_refreshDoesNotHeedInterrupts_givesUpItsLockAtOnce() throws Exception {
    fleet.table.put("a", "apple", 1);
    fleet.cache().get("a");
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, this::loadThatHangs, options -> options);
    Future<?> refreshing = fleet.call(() -> cache.refresh("a"));
    gate.awaitReached();

    cache.close();

    assertThat(fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE)))
        .isInstanceOf(LockAttempt.Acquired.class);
    assertThat(failure(refreshing)).isInstanceOf(CacheClosedException.class);
  }

  @Test
  void close_storeIsSilent_returnsByTheDeadlineAndSaysWhatItLeft() throws Exception {
    Gate silence = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public boolean abandon(SlotKey key, long fence) {
                silence.passUninterrupted();
                return super.abandon(key, fence);
              }
            },
            this::loadThatHangs,
            options -> options);
    CompletableFuture<?> reading = cache.readAsync("a");
    gate.awaitReached();

    try (LogCapture log = new LogCapture(Level.INFO)) {
      cache.with(CallOptions.none().deadline(Duration.ofMillis(20))).close();

      assertThat(log.lines())
          .contains(
              "INFO test: closed, which leaves loads at work, without their locks: 1 (test:a);"
                  + " claims that expire by themselves: 1 (test:a)");
    }
    assertThat(fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE)))
        .isInstanceOf(LockAttempt.Acquired.class);
    silence.open();
    assertThat(reading).isCompletedExceptionally();
  }

  @Test
  void close_nothingUnderWay_saysSo() {
    VersionedCache<String, String> cache = fleet.cache();

    try (LogCapture log = new LogCapture(Level.INFO)) {
      cache.close();
      cache.close();

      assertThat(log.lines()).containsExactly("INFO test: closed");
    }
  }

  @Test
  void close_writeUnderWay_isRenewedAndCompletedAsIfNothingHadHappened() throws Exception {
    RenewalCounter store = new RenewalCounter(fleet.store);
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            fleet.table,
            options -> options.claimLife(Duration.ofMillis(30)).listener(events));
    Future<WriteResult<String>> writing = fleet.call(() -> cache.update("a", this::writeAtTheGate));
    CompletableFuture<WriteResult<String>> another =
        cache.updateAsync(
            "b",
            () -> {
              gate.pass();
              return fleet.table.put("b", "new", 2);
            });
    gate.awaitReached();
    await().until(() -> events.count(Kind.LOCK_ACQUIRED) == 2);

    try (LogCapture log = new LogCapture(Level.INFO)) {
      cache.close();
      assertThat(log.lines().toString())
          .contains("writes under way, which will be completed: 2 (test:");
    }
    store.awaitMore(6);
    gate.open();

    assertThat(writing.get().outcome()).isEqualTo(WriteOutcome.STORED);
    assertThat(another.get().outcome()).isEqualTo(WriteOutcome.STORED);
    assertThat(fleet.cache().read("a").origin()).isEqualTo(Origin.CACHE);
    await().until(() -> events.count(Kind.LOCK_RELEASED) == 2);
  }

  @Test
  void close_writeUnderWayEnds_itsThreadsEndToo() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, fleet.table, options -> options);
    Future<?> writing = fleet.call(() -> cache.update("a", this::writeAtTheGate));
    gate.awaitReached();
    cache.close();
    assertThat(threadsOf("tidemark-test-timer")).isPositive();
    gate.open();
    writing.get();

    await().until(() -> threadsOf("tidemark-test-timer") == 0);
  }

  private static long threadsOf(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .count();
  }

  @Test
  void close_updateAsyncHasNotBegun_failsAtOnceAndNeverRuns() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    VersionedCache<String, String> cache = fleet.cache(options -> options.executor(tasks::add));
    CompletableFuture<?> writing = cache.updateAsync("a", this::write);

    cache.close();

    assertThat(writing).isCompletedExceptionally();
    assertThat(failure(writing))
        .isInstanceOf(CacheClosedException.class)
        .hasMessage("test:a: the cache was closed; the write did not run");
    tasks.forEach(Runnable::run);
    assertThat(writes).hasValue(0);
  }

  @Test
  void close_updateWaitsForTheLock_failsAndNeverRuns() throws Exception {
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    VersionedCache<String, String> cache = fleet.cache(options -> options.listener(events));
    CompletableFuture<Boolean> interruptedAfterwards = new CompletableFuture<>();
    Future<?> writing =
        fleet.call(
            () -> {
              try {
                return cache.update("a", this::write);
              } finally {
                interruptedAfterwards.complete(Thread.currentThread().isInterrupted());
              }
            });
    CompletableFuture<?> another = cache.updateAsync("a", this::write);
    await().until(() -> events.count(Kind.LOCK_WAIT) == 2);

    cache.close();

    assertThat(failure(writing))
        .isInstanceOf(CacheClosedException.class)
        .hasMessage("test:a: the cache was closed; the write did not run");
    assertThat(failure(another)).isInstanceOf(CacheClosedException.class);
    assertThat(interruptedAfterwards.get()).as("the thread is the caller's").isFalse();
    ((LockAttempt.Acquired) held).handle().close();
    assertThat(writes).hasValue(0);
  }

  /** It has the lock, and is on its way to claim: too early to be under way. */
  @Test
  void close_updateHasNotClaimed_neverRunsAndLeavesNothing() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            new HangingClaims(fleet.store, gate), fleet.table, options -> options.listener(events));
    Future<?> writing = fleet.call(() -> cache.update("a", this::write));
    gate.awaitReached();

    cache.close();
    gate.open();

    assertThat(failure(writing)).isInstanceOf(CacheClosedException.class);
    assertThat(writes).hasValue(0);
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
    assertThat(events.count(Kind.LOCK_RELEASED)).isEqualTo(1);
  }

  @Test
  void close_byAWrite_completesIt() {
    VersionedCache<String, String> cache = fleet.cache();

    WriteResult<String> result =
        cache.update(
            "a",
            () -> {
              cache.close();
              return write();
            });

    assertThat(result.outcome()).isEqualTo(WriteOutcome.STORED);
  }

  @Test
  void update_executorWasShutDown_doesNotRunUnlessItMayDoWithoutAClaim() {
    ExecutorService executor = Executors.newCachedThreadPool();
    VersionedCache<String, String> cache = fleet.cache(options -> options.executor(executor));
    executor.shutdown();

    assertThatThrownBy(() -> cache.update("a", this::write))
        .isInstanceOf(RefusedException.class)
        .hasMessage("test:a: the executor was shut down; the write did not run");
    assertThat(writes).hasValue(0);
    assertThat(cache.update("a", ClaimRule.BEST_EFFORT, this::write).row())
        .isEqualTo(Row.present("new", 2));
    assertThat(writes).hasValue(1);
    assertThat(fleet.cache().get("a")).hasValue("new");
  }

  @Test
  void update_schedulerWasShutDown_doesNotRun() throws Exception {
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    VersionedCache<String, String> cache = fleet.cache(options -> options.scheduler(scheduler));
    scheduler.shutdown();
    assertThat(scheduler.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThatThrownBy(() -> cache.update("a", this::write))
        .isInstanceOf(RefusedException.class)
        .hasMessage("test:a: the scheduler was shut down; the write did not run");
    assertThat(writes).hasValue(0);
  }
}
