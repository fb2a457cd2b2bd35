package io.tidemark;

import static io.tidemark.Fleet.NO_LOCKS;
import static io.tidemark.Fleet.slotKey;
import static io.tidemark.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    VersionedCache<String, String> odd =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public void drop(SlotKey key, Duration floorLife) {
                throw new IllegalStateException("a defect");
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

    // One may be between two attempts, and out of the queue.
    assertThat(hasty.stats().repairsAbandoned()).isBetween(1L, 2L);
    link.connect();
    await().until(() -> hasty.stats().repaired() >= 1_024);
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
