package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent;
import io.tidemark.CallOptions;
import io.tidemark.ClaimRule;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of slots whose write got no answer from the store. */
class RepairsTest {
  private static final Duration SHORT = Duration.ofMillis(20);

  private final Fleet fleet = new Fleet();

  /** Time passes for a cache while it pauses between two tries, and when a test says so. */
  private final ManualTicker ticker = new ManualTicker();

  private final StoreSwitch link = new StoreSwitch(fleet.store);
  private final VersionedCache<String, String> other = fleet.cache();
  private final VersionedCache<String, String> cache = cache(options -> options);

  private VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(
        link, fleet.table, builder -> options.apply(builder.deadline(SHORT).ticker(ticker)));
  }

  private void loadElsewhereAfterLosingTheClaimAndTheLock() {
    fleet.store.evict(slotKey("a"));
    fleet.cache(fleet.store, LocalLocks.create(), fleet.table, options -> options).get("a");
  }

  @BeforeEach
  void cacheARow() {
    fleet.table.put("a", "old", 1);
    other.get("a");
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void publish_storeBackAfterTheDeadline_newRowIsServedByItself() {
    fleet.table.put("a", "new", 2);
    link.cut();

    assertThat(cache.publish("a", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(other.get("a")).as("before the repair").hasValue("old");
    link.connect();

    await().until(() -> cache.stats().repaired() == 1);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void invalidate_storeBackAfterTheDeadline_entryIsDroppedByItself() {
    fleet.table.put("a", "new", 1);
    link.cut();

    assertThat(cache.invalidate("a")).isEqualTo(WriteOutcome.UNKNOWN);
    link.connect();

    await().until(() -> cache.stats().repaired() == 1);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void update_storeAwayAfterTheCommit_saysSoAndTheSlotIsRepaired() {
    WriteResult<String> result =
        cache.update(
            "a",
            () -> {
              link.cut();
              loadElsewhereAfterLosingTheClaimAndTheLock();
              return fleet.table.put("a", "new", 2);
            });

    assertThat(result.outcome()).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(other.get("a")).as("before the repair").hasValue("old");
    link.connect();
    await().until(() -> cache.stats().repaired() == 1);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void update_writeThrowsWhileTheStoreIsAway_slotIsDroppedLater() {
    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      link.cut();
                      loadElsewhereAfterLosingTheClaimAndTheLock();
                      fleet.table.put("a", "new", 2);
                      throw new IOException("the answer to the commit was lost");
                    }))
        .isInstanceOf(IOException.class);
    link.connect();

    await().until(() -> cache.stats().repaired() == 1);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void update_writeThrowsAndTheStoreFailsInAnUnknownWay_throwsWhatTheWriteThrew() {
    AtomicInteger toFail = new AtomicInteger(1);
    VersionedCache<String, String> odd =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
                if (toFail.getAndDecrement() > 0) {
                  throw new IllegalStateException("a defect");
                }
                return super.drop(key, version, floorLife);
              }
            },
            fleet.table,
            options -> options);
    IOException failure = new IOException("constraint violated");

    assertThatThrownBy(
            () ->
                odd.update(
                    "a",
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    await().until(() -> odd.stats().repaired() == 1);
  }

  @Test
  void repair_ofAnOlderRow_doesNotStepBack() {
    link.cut();
    cache.publish("a", Row.present("new", 2));
    other.publish("a", Row.present("newest", 3));
    link.connect();

    await().until(() -> cache.stats().repaired() == 1);
    assertThat(other.get("a")).hasValue("newest");
  }

  @Test
  void repair_storeAwayForLongerThanTheRepairTime_isGivenUp() {
    VersionedCache<String, String> impatient =
        cache(options -> options.repairTime(Duration.ofMillis(1)));
    link.cut();
    impatient.publish("a", Row.present("new", 2));
    ticker.pass(Duration.ofMillis(1));

    await().until(() -> impatient.stats().repairsAbandoned() == 1);
    link.connect();
    assertThat(impatient.stats().repaired()).isZero();
  }

  @Test
  void repair_tooManySlots_isGivenUpAtOnce() {
    VersionedCache<String, String> hasty = cache(options -> options);
    link.cut();
    Thread.currentThread().interrupt();
    for (int i = 0; i < 1_024 + 2; i++) {
      hasty.invalidate("key " + i);
    }
    assertThat(Thread.interrupted()).isTrue();

    assertThat(hasty.stats().repairsAbandoned()).isEqualTo(2);
    link.connect();
    await().until(() -> hasty.stats().repaired() == 1_024);
  }

  @Test
  void close_whatIsNotRepaired_isGivenUp() {
    link.cut();
    cache.publish("a", Row.present("new", 2));

    cache.close();

    await().until(() -> cache.stats().repairsAbandoned() == 1);
  }

  @Test
  void repair_noThreadForIt_isTriedAgain() {
    ExecutorService threads = Executors.newCachedThreadPool();
    AtomicInteger refusals = new AtomicInteger(2);
    VersionedCache<String, String> crowded =
        cache(
            options ->
                options.executor(
                    task -> {
                      if (refusals.getAndDecrement() > 0) {
                        throw new RejectedExecutionException("no thread is free");
                      }
                      threads.execute(task);
                    }));
    link.cut();
    crowded.publish("a", Row.present("new", 2));
    link.connect();

    await().until(() -> crowded.stats().repaired() == 1);
    assertThat(refusals).hasNegativeValue();
    threads.shutdownNow();
  }

  @Test
  void repair_storeFailsInAnUnknownWay_isTriedAgain() {
    AtomicInteger failures = new AtomicInteger(2);
    VersionedCache<String, String> odd =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
                switch (failures.getAndDecrement()) {
                  case 2 -> throw new UnavailableException(key, "connection refused", null);
                  case 1 -> throw new IllegalStateException("a defect");
                  default -> {
                    return super.publish(key, fence, row, lifetime, floorLife);
                  }
                }
              }
            },
            fleet.table,
            options -> options);
    // It ends the repeating after the first failure.
    Thread.currentThread().interrupt();

    assertThat(odd.publish("a", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(Thread.interrupted()).isTrue();
    await().until(() -> odd.stats().repaired() == 1);
  }

  @ParameterizedTest
  @MethodSource("anything")
  void repair_throwsAnything_itAndTheOthersAreMadeAllTheSame(Throwable thrown) {
    AtomicInteger toFail = new AtomicInteger();
    VersionedCache<String, String> odd =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
                int left = toFail.getAndDecrement();
                if (left > 1) {
                  throw new RefusedException(key, "no", null);
                } else if (left == 1) {
                  throwIt(thrown);
                }
                return super.publish(key, fence, row, lifetime, floorLife);
              }

              @Override
              public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
                throw new RefusedException(key, "no", null);
              }
            },
            fleet.table,
            options -> options);
    fleet.table.put("b", "old", 1);
    odd.get("b");
    toFail.set(3);

    assertThat(odd.publish("a", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(odd.publish("b", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);

    await().until(() -> odd.stats().repaired() == 2);
    assertThat(other.get("a")).hasValue("new");
    assertThat(other.get("b")).hasValue("new");
  }

  static Stream<Throwable> anything() {
    return Stream.of(
        new IllegalStateException("a defect"), new OutOfMemoryError("Java heap space"));
  }

  private static void throwIt(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  /** Thirty rows of a server that is silent: each keeps whoever asks it waiting. */
  @Test
  void repair_othersHangAtASilentServer_isNotHeldUpByThem() throws Exception {
    Set<SlotKey> tried = ConcurrentHashMap.newKeySet();
    AtomicInteger asked = new AtomicInteger();
    AtomicBoolean hangs = new AtomicBoolean();
    Semaphore answers = new Semaphore(0);
    StoreSwitch away =
        new StoreSwitch(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
                if (key.key().startsWith("silent")) {
                  tried.add(key);
                  if (hangs.get()) {
                    asked.incrementAndGet();
                    answers.acquireUninterruptibly();
                  }
                  throw new UnavailableException(key, "silence", null);
                }
                return super.publish(key, fence, row, lifetime, floorLife);
              }
            });
    // What the test's own thread plans, once it watches, is the first turn of its own row.
    Thread tester = Thread.currentThread();
    AtomicBoolean watches = new AtomicBoolean();
    CountDownLatch turn = new CountDownLatch(1);
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(1) {
          @Override
          public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            boolean isOwn = watches.get() && Thread.currentThread() == tester;
            return super.schedule(
                () -> {
                  task.run();
                  if (isOwn) {
                    turn.countDown();
                  }
                },
                delay,
                unit);
          }
        };
    VersionedCache<String, String> divided =
        fleet.cache(
            away,
            fleet.table,
            options -> options.deadline(SHORT).ticker(ticker).scheduler(scheduler));
    away.cut();
    for (int i = 0; i < 30; i++) {
      divided.publish("silent " + i, Row.present("new", 2));
    }
    away.connect();
    await().until(() -> tried.size() == 30);
    hangs.set(true);
    await().until(() -> asked.get() == 8);
    away.cut();
    watches.set(true);
    divided.publish("a", Row.present("new", 2));
    away.connect();
    assertThat(turn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    int answered = 0;
    while (divided.stats().repaired() == 0) {
      int before = asked.get();
      answers.release();
      answered++;
      await().until(() -> divided.stats().repaired() == 1 || asked.get() > before);
    }

    assertThat(answered).as("tries of others before it").isLessThanOrEqualTo(2);
    assertThat(other.get("a")).hasValue("new");
    answers.release(1_000);
    divided.close();
    scheduler.shutdownNow();
  }

  @Test
  void repair_rowsThatWaitAreTooLarge_furtherOnesAreRepairedByADrop() {
    String large = "x".repeat(5 * 1024 * 1024);
    VersionedCache<String, String> big = cache(options -> options);
    fleet.table.put("a", large, 2);
    link.cut();
    for (int i = 0; i < 6; i++) {
      big.publish("key " + i, Row.present(large, 2));
    }
    big.publish("a", Row.present(large, 2));
    link.connect();

    await().until(() -> big.stats().repaired() == 7);
    assertThat(fleet.store.read(slotKey("a"))).as("dropped").isEqualTo(new Slot.Empty());
    assertThat(other.get("a")).hasValue(large);
  }

  /** A listener may call the cache, or wait for a thread that does. */
  @Test
  void repair_isGivenUp_listenersAreToldWithoutAMonitor() throws Exception {
    CompletableFuture<VersionedCache<String, String>> self = new CompletableFuture<>();
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    VersionedCache<String, String> listened =
        cache(
            options ->
                options
                    .scheduler(scheduler)
                    .listener(
                        event -> {
                          if (event.kind() == CacheEvent.Kind.REPAIR_ABANDONED
                              && event.key().equals(slotKey("a"))) {
                            Future<?> another =
                                fleet.call(() -> self.join().publish("b", Row.present("b", 1)));
                            try {
                              another.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                              told.complete(true);
                            } catch (Exception e) {
                              told.completeExceptionally(e);
                            }
                          }
                        }));
    self.complete(listened);
    scheduler.shutdownNow();
    link.cut();

    listened.publish("a", Row.present("new", 2));

    assertThat(told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** The store is asked by others, too: loads that hang at their source are no reason to wait. */
  @Test
  void repair_everyLoadHangs_isMade() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> crowded =
        fleet.cache(link, gate.before(Row.absent()), options -> options.maxLoads(1).ticker(ticker));
    CompletableFuture<?> unused = crowded.readAsync("hangs");
    gate.awaitReached();
    link.cut();
    crowded.with(CallOptions.none().deadline(SHORT)).publish("a", Row.present("new", 2));
    link.connect();

    await().until(() -> crowded.stats().repaired() == 1);
    gate.open();
  }

  @Test
  void repair_executorDropsATask_isMadeAllTheSame() {
    ExecutorService threads = Executors.newCachedThreadPool();
    AtomicInteger tasks = new AtomicInteger();
    VersionedCache<String, String> lossy =
        cache(
            options ->
                options.executor(
                    task -> {
                      if (tasks.incrementAndGet() > 1) {
                        threads.execute(task);
                      }
                    }));
    link.cut();
    lossy.publish("a", Row.present("new", 2));
    link.connect();

    await().until(() -> lossy.stats().repaired() == 1);
    threads.shutdownNow();
  }

  @Test
  void repair_executorRefusesForLongerThanTheRepairTime_isGivenUp() {
    VersionedCache<String, String> refused =
        cache(
            options ->
                options
                    .repairTime(Duration.ofMillis(1))
                    .executor(
                        task -> {
                          throw new RejectedExecutionException("no thread is free");
                        }));
    link.cut();
    refused.publish("a", Row.present("new", 2));
    ticker.pass(Duration.ofMillis(1));

    await().until(() -> refused.stats().repairsAbandoned() == 1);
  }

  @Test
  void repair_schedulerShutDown_isGivenUp() {
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    VersionedCache<String, String> stopped = cache(options -> options.scheduler(scheduler));
    scheduler.shutdownNow();
    link.cut();

    assertThat(stopped.publish("a", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(stopped.stats().repairsAbandoned()).isEqualTo(1);
  }

  @Test
  void update_storeAway_throwsAndWritesNothing() {
    link.cut();
    AtomicInteger writes = new AtomicInteger();

    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      writes.incrementAndGet();
                      return Row.absent();
                    }))
        .isInstanceOf(UnavailableException.class);
    assertThat(writes).hasValue(0);
  }

  @Test
  void update_bestEffortAndStoreAway_writesAndTheSlotIsRepaired() {
    link.cut();

    WriteResult<String> result =
        cache.update("a", ClaimRule.BEST_EFFORT, () -> fleet.table.put("a", "new", 2));

    assertThat(result).isEqualTo(new WriteResult<>(Row.present("new", 2), WriteOutcome.UNKNOWN));
    link.connect();
    await().until(() -> cache.stats().repaired() == 1);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void update_bestEffortAndLocksAway_publishesWithoutAClaim() {
    VersionedCache<String, String> lockless =
        fleet.cache(fleet.store, NO_LOCKS, fleet.table, options -> options);

    WriteResult<String> result =
        lockless.update("a", ClaimRule.BEST_EFFORT, () -> fleet.table.put("a", "new", 2));

    assertThat(result.outcome()).isEqualTo(WriteOutcome.STORED);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void update_bestEffortAndWriteThrows_dropsTheEntry() {
    link.cut();
    IOException failure = new IOException("constraint violated");

    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    ClaimRule.BEST_EFFORT,
                    () -> {
                      link.connect();
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
  }
}
