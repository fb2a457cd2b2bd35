package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent;
import io.tidemark.CallInterruptedException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.InvalidVersionException;
import io.tidemark.LoadFailedException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.ReadResult;
import io.tidemark.RecursiveLoadException;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VersionedCacheReadTest {
  private static final Duration LIFE = Duration.ofSeconds(10);

  private final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void read_cold_loadsAndStores() {
    fleet.table.put("a", "apple", 7);

    ReadResult<String> result = fleet.cache().read("a");

    assertThat(result.value()).hasValue("apple");
    assertThat(result.version()).isEqualTo(OptionalLong.of(7));
    assertThat(result.origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(result.lockAcquired()).isTrue();
    assertThat(result.retries()).isZero();
    assertThat(result.fill()).hasValue(FillAnswer.STORED);
    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Value.class);
  }

  @Test
  void read_warm_isAHitForEveryProcess() {
    fleet.table.put("a", "apple", 7);
    fleet.cache().get("a");

    ReadResult<String> result = fleet.cache().read("a");

    assertThat(result.value()).hasValue("apple");
    assertThat(result.version()).isEqualTo(OptionalLong.of(7));
    assertThat(result.origin()).isEqualTo(Origin.CACHE);
    assertThat(result.lockAcquired()).isFalse();
    assertThat(result.fill()).isEmpty();
    assertThat(fleet.table.loads()).isEqualTo(1);
  }

  @Test
  void read_miss_slotTellsHowLongTheLoadTook() {
    AtomicLong nanos = new AtomicLong();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              nanos.addAndGet(1_234_567_890);
              return key.equals("a") ? Row.present("apple", 7) : Row.absent();
            },
            options -> options.ticker(nanos::get));

    cache.get("a");
    cache.get("b");

    assertThat(fleet.store.read(slotKey("a")))
        .isInstanceOfSatisfying(
            Slot.Value.class,
            value -> assertThat(value.filling().loadTime()).hasNanos(1_234_567_890));
    assertThat(fleet.store.read(slotKey("b")))
        .isInstanceOfSatisfying(
            Slot.Absent.class,
            absent -> assertThat(absent.filling().loadTime()).hasNanos(1_234_567_890));
  }

  @Test
  void refresh_value_slotTellsHowLongTheLoadTook() {
    AtomicLong nanos = new AtomicLong();
    fleet.table.put("a", "apple", 7);
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              nanos.addAndGet(1_000);
              return fleet.table.load(key);
            },
            options -> options.ticker(nanos::get));
    cache.get("a");

    fleet.pass(Duration.ofSeconds(1));
    cache.refresh("a");

    assertThat(fleet.store.read(slotKey("a")))
        .isInstanceOfSatisfying(
            Slot.Value.class,
            value -> {
              assertThat(value.filling().loadTime()).hasNanos(1_000);
              assertThat(value.filling().writtenAt()).isEqualTo(Instant.EPOCH.plusSeconds(1));
            });
  }

  @Test
  void publish_newerRow_slotDoesNotTellHowLongItTook() {
    fleet.table.put("a", "apple", 7);
    fleet.cache().get("a");

    fleet.cache().publish("a", Row.present("pear", 8));

    assertThat(fleet.store.read(slotKey("a")))
        .isInstanceOfSatisfying(
            Slot.Value.class, value -> assertThat(value.filling().loadTime()).isZero());
  }

  @Test
  void read_hit_asksTheStoreOnceAndNothingElse() {
    fleet.table.put("a", "apple", 7);
    fleet.cache().get("a");
    AtomicInteger reads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(InMemoryStore.create()) {
              @Override
              public Slot read(SlotKey key) {
                reads.incrementAndGet();
                return fleet.store.read(key);
              }
            },
            (key, deadline) -> {
              throw new AssertionError("a hit asked for the lock");
            },
            key -> {
              throw new AssertionError("a hit asked the source");
            },
            options -> options);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(reads).hasValue(1);
  }

  @Test
  void read_noSuchRow_isCachedAsAbsentForTheNegativeTtl() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.negativeTtl(Duration.ofSeconds(3)).ttlJitter(0));

    assertThat(cache.get("a")).isEmpty();
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    fleet.pass(Duration.ofSeconds(3));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(fleet.table.loads()).isEqualTo(2);
  }

  @Test
  void read_ttlOver_loadsAgain() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.ttl(Duration.ofSeconds(100)).ttlJitter(0));
    fleet.table.put("a", "apple", 7);
    cache.get("a");

    fleet.pass(Duration.ofSeconds(100).minusNanos(1));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    fleet.pass(Duration.ofNanos(1));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
  }

  @Test
  void read_ttlJitter_takesOffUpToItsPart() {
    List<Lifetime> lifetimes = new ArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public FillAnswer fill(
                  SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
                lifetimes.add(lifetime);
                return super.fill(key, fence, row, rule, lifetime);
              }
            },
            key -> Row.present(key, 1),
            options -> options.ttl(Duration.ofSeconds(100)).ttlJitter(0.5));

    for (int i = 0; i < 200; i++) {
      cache.get("key" + i);
    }

    assertThat(lifetimes)
        .allSatisfy(
            lifetime ->
                assertThat(lifetime.fresh())
                    .isBetween(Duration.ofSeconds(50), Duration.ofSeconds(100)));
    assertThat(lifetimes.stream().distinct().count()).isGreaterThan(100);
  }

  @Test
  void read_manyCallersOfManyProcesses_loadOnce() throws Exception {
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    Source<String, String> slow =
        key -> {
          loads.incrementAndGet();
          gate.pass();
          return Row.present("apple", 1);
        };
    List<Future<ReadResult<String>>> results = new ArrayList<>();
    for (int process = 0; process < 4; process++) {
      VersionedCache<String, String> cache = fleet.cacheOf(slow);
      for (int caller = 0; caller < 25; caller++) {
        results.add(fleet.call(() -> cache.read("a")));
      }
    }
    gate.awaitReached();
    gate.open();

    for (Future<ReadResult<String>> result : results) {
      assertThat(result.get().value()).hasValue("apple");
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void read_waitedForAnotherProcess_saysSo() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> first = fleet.cacheOf(gate.before(Row.present("apple", 1)));
    VersionedCache<String, String> second = fleet.cache();
    Future<ReadResult<String>> loading = fleet.call(() -> first.read("a"));
    gate.awaitReached();

    Future<ReadResult<String>> waiting = fleet.call(() -> second.read("a"));
    await().until(() -> second.stats().lockWaited() == 1);
    gate.open();

    assertThat(loading.get().origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(waiting.get().origin()).isEqualTo(Origin.CACHE_AFTER_WAIT);
    assertThat(waiting.get().lockAcquired()).isFalse();
    assertThat(waiting.get().retries()).isEqualTo(1);
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void read_sourceThrows_everyCallerGetsItAndNothingIsCached() throws Exception {
    Gate gate = new Gate();
    IllegalStateException failure = new IllegalStateException("database on fire");
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              gate.pass();
              throw failure;
            });
    List<Future<ReadResult<String>>> results = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      results.add(fleet.callThatWaits(() -> cache.read("a")));
    }
    gate.awaitReached();
    gate.open();

    for (Future<ReadResult<String>> result : results) {
      assertThatThrownBy(result::get)
          .cause()
          .isInstanceOf(LoadFailedException.class)
          .hasMessage("test:a: the source failed")
          .hasCause(failure);
    }
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
  }

  @Test
  void read_afterSourceThrew_loadsAtOnce() {
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              if (loads.incrementAndGet() == 1) {
                throw new IllegalStateException("hiccup");
              }
              return Row.present("apple", 1);
            });

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);
    assertThat(cache.get("a")).hasValue("apple");
  }

  @Test
  void read_sourceReturnsNull_isAnErrorThatSaysWhatToReturn() {
    VersionedCache<String, String> cache = fleet.cacheOf(NullSource.INSTANCE);

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(LoadFailedException.class)
        .hasMessageContaining("must return Row.absent()");
  }

  @Test
  void read_negativeVersion_isRefusedWithTheKey() {
    fleet.table.put("a", "apple", -1);

    assertThatThrownBy(() -> fleet.cache().get("a"))
        .isInstanceOf(InvalidVersionException.class)
        .hasMessage("test:a: version is -1; it must be 0 or more");
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
  }

  @Test
  void read_sourceRefusesAVersion_saysSoWithTheKey() {
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              throw new InvalidVersionException(null, "column updated_at is null", null);
            });

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(InvalidVersionException.class)
        .hasMessage("test:a: column updated_at is null");
  }

  @Test
  void read_sameKeyWithinItsLoad_isAnErrorNotADeadlock() {
    CompletableFuture<VersionedCache<String, String>> self = new CompletableFuture<>();
    VersionedCache<String, String> cache =
        fleet.cacheOf(key -> Row.present(self.join().get(key).orElseThrow(), 1));
    self.complete(cache);

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(LoadFailedException.class)
        .cause()
        .isInstanceOf(RecursiveLoadException.class)
        .hasMessageContaining("test:a");
  }

  @Test
  void read_otherKeyWithinALoad_works() {
    CompletableFuture<VersionedCache<String, String>> self = new CompletableFuture<>();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> Row.present(key.equals("a") ? "of " + self.join().get("b").get() : key, 1));
    self.complete(cache);

    assertThat(cache.get("a")).hasValue("of b");
  }

  @Test
  void read_interrupted_harmsNobodyElse() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cacheOf(gate.before(Row.present("apple", 1)));
    CompletableFuture<Thread> interrupted = new CompletableFuture<>();
    Future<Boolean> first =
        fleet.call(
            () -> {
              interrupted.complete(Thread.currentThread());
              assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CallInterruptedException.class);
              return Thread.currentThread().isInterrupted();
            });
    gate.awaitReached();
    Future<ReadResult<String>> second = fleet.callThatWaits(() -> cache.read("a"));
    interrupted.join().interrupt();

    assertThat(first.get()).as("the flag is set again").isTrue();
    gate.open();
    assertThat(second.get().value()).hasValue("apple");
  }

  @Test
  void read_loadSlowerThanTheDeadline_throwsAndTheLoadGoesOn() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            gate.before(Row.present("apple", 1)),
            // By a clock that stands still, the load itself is never too late to begin.
            options -> options.deadline(Duration.ofMillis(50)).ticker(() -> 0));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage("test:a: not loaded within PT0.05S; the load goes on");
    gate.open();
    await().until(() -> fleet.store.read(slotKey("a")).isHit());
  }

  @Test
  void read_sourceIsKeptFromReading_saysByWhatAtTheDeadline() {
    Gate gate = new Gate();
    Source<String, String> starved =
        new Source<>() {
          @Override
          public Row<String> load(String key) throws InterruptedException {
            gate.pass();
            return Row.absent();
          }

          @Override
          public Optional<String> obstacle() {
            return Optional.of("1 load waits for a connection of the pool");
          }
        };
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            starved,
            options -> options.deadline(Duration.ofMillis(50)).ticker(() -> 0));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage(
            "test:a: not loaded within PT0.05S; the load goes on; 1 load waits for a connection of"
                + " the pool");
    gate.open();
  }

  @Test
  void close_duringALoad_answersCallersInterruptsTheLoadAndGivesUpItsClaim() throws Exception {
    Gate gate = new Gate();
    CountDownLatch interrupted = new CountDownLatch(1);
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              try {
                gate.pass();
                return Row.absent();
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
              }
            });
    Future<ReadResult<String>> result = fleet.call(() -> cache.read("a"));
    gate.awaitReached();

    cache.close();

    assertThatThrownBy(result::get)
        .cause()
        .isInstanceOf(CacheClosedException.class)
        .hasMessage("test: the cache was closed");
    assertThat(interrupted.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    await().until(() -> fleet.store.read(slotKey("a")).equals(new Slot.Empty()));
    fleet.table.put("a", "apple", 1);
    assertThat(fleet.cache().get("a")).as("lock and claim are free").hasValue("apple");
  }

  @Test
  void anyCall_afterClose_throws() {
    VersionedCache<String, String> cache = fleet.cache();
    cache.close();
    cache.close();

    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheClosedException.class);
    assertThatThrownBy(() -> cache.update("a", Row::absent))
        .isInstanceOf(CacheClosedException.class);
    assertThatThrownBy(() -> cache.publish("a", Row.absent()))
        .isInstanceOf(CacheClosedException.class);
    assertThatThrownBy(() -> cache.invalidate("a")).isInstanceOf(CacheClosedException.class);
    assertThatThrownBy(cache::clear).isInstanceOf(CacheClosedException.class);
  }

  @Test
  void read_joinedDuringTheLoad_mayHaveWhatTheStoreAccepted() throws Exception {
    Gate load = new Gate();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              Row<String> row = fleet.table.load(key);
              load.pass();
              return row;
            });
    fleet.table.put("a", "apple", 1);
    Future<ReadResult<String>> early = fleet.call(() -> cache.read("a"));
    load.awaitReached();
    Future<ReadResult<String>> late = fleet.callThatWaits(() -> cache.read("a"));
    load.open();

    assertThat(early.get().value()).hasValue("apple");
    assertThat(late.get().value()).hasValue("apple");
    assertThat(fleet.table.loads()).isEqualTo(1);
  }

  /**
   * The row is read, a writer publishes a newer one, and only then a caller comes. The flight that
   * it joins still carries the old row, which the store refuses: the caller must not have it.
   */
  @Test
  void read_joinedAfterAWriteThatTheLoadMissed_isServedTheWrite() throws Exception {
    Gate load = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              Row<String> row = fleet.table.load(key);
              if (loads.incrementAndGet() == 1) {
                load.pass();
              }
              return row;
            });
    fleet.table.put("a", "old", 1);
    Future<ReadResult<String>> early = fleet.call(() -> cache.read("a"));
    load.awaitReached();
    assertThat(cache.publish("a", fleet.table.put("a", "new", 2))).isEqualTo(WriteOutcome.DROPPED);
    Future<ReadResult<String>> late = fleet.callThatWaits(() -> cache.read("a"));
    load.open();

    assertThat(late.get().value()).hasValue("new");
    assertThat(early.get().version()).isEqualTo(OptionalLong.of(2));
    assertThat(cache.stats().refused()).isEqualTo(1);
  }

  /** As above, but every fill is refused, so that the flight ends with a row that is not cached. */
  @Test
  void read_refusedForGood_goesOnlyToThoseWhoJoinedBeforeTheSourceWasRead() throws Exception {
    Gate lastLoad = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public FillAnswer fill(
                  SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
                return loads.get() <= 3
                    ? FillAnswer.REFUSED
                    : super.fill(key, fence, row, rule, lifetime);
              }
            },
            key -> {
              Row<String> row = fleet.table.load(key);
              if (loads.incrementAndGet() == 3) {
                lastLoad.pass();
              }
              return row;
            },
            options -> options);
    fleet.table.put("a", "old", 1);
    Future<ReadResult<String>> early = fleet.call(() -> cache.read("a"));
    lastLoad.awaitReached();
    fleet.table.put("a", "new", 2);
    Future<ReadResult<String>> late = fleet.callThatWaits(() -> cache.read("a"));
    lastLoad.open();

    assertThat(early.get().value()).hasValue("old");
    assertThat(early.get().fill()).hasValue(FillAnswer.REFUSED);
    assertThat(late.get().value()).hasValue("new");
    assertThat(late.get().retries()).isEqualTo(1);
  }

  /**
   * A fill is accepted, a writer publishes, and only then a caller joins the flight's last moment.
   */
  @Test
  void read_joinedAfterTheFillWasSent_looksAtTheSlotAgain() throws Exception {
    Gate filled = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public FillAnswer fill(
                  SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
                FillAnswer answer = super.fill(key, fence, row, rule, lifetime);
                filled.passUninterrupted();
                return answer;
              }

              @Override
              public Slot read(SlotKey key) {
                // To a caller that comes during the fill, the slot is still empty.
                return new Slot.Empty();
              }
            },
            fleet.table,
            options -> options);
    VersionedCache<String, String> other = fleet.cache();
    fleet.table.put("a", "old", 1);
    Future<ReadResult<String>> early = fleet.call(() -> cache.read("a"));
    filled.awaitReached();
    assertThat(other.publish("a", fleet.table.put("a", "new", 2))).isEqualTo(WriteOutcome.STORED);
    Future<ReadResult<String>> late = fleet.callThatWaits(() -> cache.read("a"));
    filled.open();

    assertThat(early.get().value()).hasValue("old");
    assertThat(late.get().value()).hasValue("new");
  }

  /** A flight finds an old entry, which is replaced and lost before the next caller comes. */
  @Test
  void read_joinedAfterTheFlightsHit_looksAtTheSlotAgain() throws Exception {
    Gate claimed = new Gate();
    AtomicBoolean firstRead = new AtomicBoolean(true);
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public Slot read(SlotKey key) {
                return firstRead.getAndSet(false) ? new Slot.Empty() : super.read(key);
              }

              @Override
              public ClaimAnswer claim(
                  SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
                ClaimAnswer answer = super.claim(key, fence, mode, claimLife, floorLife);
                claimed.passUninterrupted();
                return answer;
              }
            },
            fleet.table,
            options -> options);

    assertLateJoinerIsServedTheWrite(cache, claimed);
  }

  /** The same where the flight finds the entry after it waited for another holder. */
  @Test
  void read_joinedAfterTheFlightsHitAfterAWait_looksAtTheSlotAgain() throws Exception {
    Gate looked = new Gate();
    AtomicInteger reads = new AtomicInteger();
    LockProvider heldOnce =
        new LockProvider() {
          private final AtomicBoolean first = new AtomicBoolean(true);

          @Override
          public LockAttempt tryAcquire(SlotKey key, Deadline deadline)
              throws InterruptedException {
            return first.getAndSet(false)
                ? new LockAttempt.Held(any -> true)
                : fleet.locks.tryAcquire(key, deadline);
          }
        };
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public Slot read(SlotKey key) {
                int read = reads.incrementAndGet();
                if (read == 1) {
                  return new Slot.Empty();
                }
                Slot slot = super.read(key);
                if (read == 2) {
                  looked.passUninterrupted();
                }
                return slot;
              }
            },
            heldOnce,
            fleet.table,
            options -> options);

    assertLateJoinerIsServedTheWrite(cache, looked);
  }

  private void assertLateJoinerIsServedTheWrite(
      VersionedCache<String, String> cache, Gate flightHasRead) throws Exception {
    VersionedCache<String, String> other = fleet.cache();
    fleet.table.put("a", "old", 1);
    other.get("a");
    Future<ReadResult<String>> early = fleet.call(() -> cache.read("a"));
    flightHasRead.awaitReached();
    assertThat(other.publish("a", fleet.table.put("a", "new", 2))).isEqualTo(WriteOutcome.STORED);
    fleet.store.evict(slotKey("a"));
    Future<ReadResult<String>> late = fleet.callThatWaits(() -> cache.read("a"));
    flightHasRead.open();

    assertThat(early.get().value()).hasValue("old");
    assertThat(late.get().value()).hasValue("new");
  }

  @Test
  void read_executorRefuses_throwsAndTheNextReadTriesAgain() {
    fleet.table.put("a", "apple", 1);
    AtomicBoolean refuse = new AtomicBoolean(true);
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options.executor(
                    load -> {
                      if (refuse.getAndSet(false)) {
                        throw new RejectedExecutionException("full");
                      }
                      new Thread(load).start();
                    }));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("test:a: the executor refused to run the load: full");
    assertThat(cache.get("a")).hasValue("apple");
  }

  @Test
  void read_sourceBelowTheFloor_isServedUncached() {
    VersionedCache<String, String> cache = cacheThatReads(new Table());
    cache.publish("a", Row.present("newer", 9));
    fleet.table.put("a", "apple", 5);

    ReadResult<String> result = cache.read("a");

    assertThat(result.value()).hasValue("apple");
    assertThat(result.fill()).hasValue(FillAnswer.BEHIND);
    assertThat(fleet.store.read(slotKey("a")).bare())
        .as("the claim is given up, the floor stays")
        .isEqualTo(new Slot.Pending(LockHandle.NO_FENCE, 9));
  }

  @Test
  void read_replicaLags_asksTheSource() {
    Table replica = new Table();
    replica.put("a", "old", 1);
    VersionedCache<String, String> cache = cacheThatReads(replica);
    cache.publish("a", fleet.table.put("a", "new", 2));

    assertThat(cache.get("a")).hasValue("new");
    assertThat(replica.loads()).isEqualTo(1);
    assertThat(cache.stats().behind()).isEqualTo(1);
    assertThat(fleet.store.read(slotKey("a")).isHit()).isTrue();
  }

  /**
   * The first draft of the fill table stored any absence. Then a row that was inserted and
   * published was answered as absent for the whole negative time to live, when a replica did not
   * have it yet.
   */
  @Test
  void read_replicaDoesNotHaveAnInsertedRowYet_asksTheSource() {
    VersionedCache<String, String> cache = cacheThatReads(new Table());
    cache.publish("a", fleet.table.put("a", "new", 2));

    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void read_entryExpiredBeforeTheReplicaCaughtUp_asksTheSource() {
    Table replica = new Table();
    replica.put("a", "old", 1);
    VersionedCache<String, String> cache = cacheThatReads(replica);
    cache.update("a", () -> fleet.table.put("a", "new", 2));
    fleet.pass(Duration.ofSeconds(59));

    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void read_absenceExpiredBeforeTheReplicaCaughtUp_asksTheSource() {
    Table replica = new Table();
    replica.put("a", "deleted", 1);
    VersionedCache<String, String> cache = cacheThatReads(replica);
    cache.update("a", () -> Row.deleted(2));
    fleet.pass(Duration.ofSeconds(59));

    assertThat(cache.get("a")).isEmpty();
  }

  @Test
  void read_absenceWithoutAVersionExpiredBeforeTheReplicaCaughtUp_asksTheSource() {
    Table replica = new Table();
    replica.put("a", "deleted", 1);
    VersionedCache<String, String> cache = cacheThatReads(replica);
    cache.update("a", Row::absent);
    fleet.pass(Duration.ofSeconds(59));

    assertThat(cache.get("a")).isEmpty();
  }

  @Test
  void read_replicaUpToDate_leavesTheSourceAlone() {
    Table replica = new Table();
    replica.put("a", "apple", 1);
    VersionedCache<String, String> cache = cacheThatReads(replica);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void read_entryCannotBeDecoded_loadsAndReplacesItUnderOneLock() {
    VersionedCache<String, String> cache = fleet.cache();
    fleet.store.claim(slotKey("a"), 1, ClaimMode.ALWAYS, PATIENCE, Duration.ZERO);
    fleet.store.fill(
        slotKey("a"),
        1,
        new EncodedRow.Present(1, Payload.wrap(new byte[] {'?'})),
        FloorRule.AT_OR_ABOVE,
        new Lifetime(PATIENCE, Duration.ZERO));
    fleet.table.put("a", "apple", 1);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.stats().damaged()).isPositive();
    assertThat(cache.stats().lockAcquired()).isEqualTo(1);
  }

  @Test
  void read_damagedSlot_loadsAndRepairsIt() {
    VersionedCache<String, String> cache = fleet.cache();
    fleet.table.put("a", "apple", 1);
    fleet.store.damage(slotKey("a"));

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.stats().damaged()).isEqualTo(1);
  }

  @Test
  void read_claimRepliesLost_triesAgainUnderANewFence() {
    List<Long> fences = new ArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public ClaimAnswer claim(
                  SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
                fences.add(fence);
                ClaimAnswer answer = super.claim(key, fence, mode, claimLife, floorLife);
                if (fences.size() == 1) {
                  throw new OutcomeUnknownException(key, "reply lost", null);
                }
                return answer;
              }
            },
            fleet.table,
            options -> options);
    fleet.table.put("a", "apple", 1);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(fences).hasSize(2).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void read_fillReplyLost_looksAgainAndFindsTheRow() {
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public FillAnswer fill(
                  SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
                super.fill(key, fence, row, rule, lifetime);
                throw new OutcomeUnknownException(key, "reply lost", null);
              }
            },
            fleet.table,
            options -> options);
    fleet.table.put("a", "apple", 1);

    ReadResult<String> result = cache.read("a");

    assertThat(result.value()).hasValue("apple");
    assertThat(result.origin()).isEqualTo(Origin.CACHE_AFTER_WAIT);
    assertThat(fleet.table.loads()).isEqualTo(1);
  }

  @Test
  void read_claimOfALaterHolder_waitsAndLooksAgain() throws Exception {
    SlotKey key = slotKey("a");
    fleet.store.claim(key, Long.MAX_VALUE, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    VersionedCache<String, String> cache = fleet.cache();
    Future<ReadResult<String>> result = fleet.call(() -> cache.read("a"));
    await().until(() -> cache.stats().lockAcquired() >= 2);

    EncodedRow row =
        new EncodedRow.Present(3, Payload.wrap(new StringCodec().encode("from the later holder")));
    fleet.store.fill(
        key, Long.MAX_VALUE, row, FloorRule.AT_OR_ABOVE, new Lifetime(LIFE, Duration.ZERO));

    assertThat(result.get().value()).hasValue("from the later holder");
    assertThat(fleet.table.loads()).isZero();
  }

  @Test
  void read_loadLongerThanTheClaim_renewsIt() throws Exception {
    Gate gate = new Gate();
    RenewalCounter store = new RenewalCounter(fleet.store);
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            gate.before(Row.present("apple", 1)),
            options -> options.claimLife(Duration.ofMillis(30)));
    Future<ReadResult<String>> result = fleet.call(() -> cache.read("a"));
    gate.awaitReached();
    for (int life = 1; life <= 3; life++) {
      // Two thirds of a life pass, and the claim lives on because it is renewed meanwhile.
      fleet.pass(Duration.ofMillis(20));
      store.awaitMore(2);
    }
    gate.open();

    assertThat(result.get().fill()).hasValue(FillAnswer.STORED);
  }

  @Test
  void read_loadLongerThanMaxLoadTime_isNotRenewedAndGivenUp() throws Exception {
    Duration claimLife = Duration.ofMillis(30);
    Duration maxLoadTime = Duration.ofMillis(300);
    Gate gate = new Gate();
    RenewalCounter store = new RenewalCounter(fleet.store);
    AtomicLong nanos = new AtomicLong();
    Events events = new Events();
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            gate.before(Row.present("apple", 1)),
            options ->
                options
                    .claimLife(claimLife)
                    .maxLoadTime(maxLoadTime)
                    .ticker(nanos::get)
                    .listener(events)
                    // Loads run on their callers' threads, renewals on the scheduler's.
                    .executor(Runnable::run)
                    .scheduler(scheduler));
    Future<ReadResult<String>> result = fleet.call(() -> cache.read("a"));
    gate.awaitReached();
    await().until(() -> store.count() >= 1);
    nanos.set(maxLoadTime.toNanos() + 1);
    await().until(() -> events.count(CacheEvent.Kind.LOAD_GIVEN_UP) == 1);
    int renewalsWithinTheBound = store.count();
    // The one thread of the scheduler would have run a further renewal before this.
    scheduler.schedule(() -> {}, claimLife.toMillis(), TimeUnit.MILLISECONDS).get();
    assertThat(store.count()).isEqualTo(renewalsWithinTheBound);

    assertThatThrownBy(result::get).hasCauseInstanceOf(LoadFailedException.class);
    assertThat(cache.stats().loadsGivenUp()).isEqualTo(1);
    scheduler.shutdownNow();
  }

  @Test
  void read_lockHeldPastTheWaitLimit_fails() throws Exception {
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    ManualTicker ticker = new ManualTicker();
    Duration waitLimit = Duration.ofMillis(20);
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .waitLimit(waitLimit)
                    .ticker(ticker)
                    .listener(ticker.passingInWaitsForLocks(waitLimit)));

    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("test:a: somebody else has loaded or written it for PT0.02S");
    assertThat(cache.stats().lockTimedOut()).isEqualTo(1);
    ((LockAttempt.Acquired) held).handle().close();
  }

  /**
   * A cache that reads a replica first, whose entries expire long before it must have caught up.
   */
  private VersionedCache<String, String> cacheThatReads(Table replica) {
    return fleet.cache(
        options ->
            options
                .ttl(Duration.ofSeconds(5))
                .negativeTtl(Duration.ofSeconds(5))
                .replica(replica)
                .replicaLag(Duration.ofSeconds(60)));
  }

  /** A source that breaks its contract, as code that is not checked for nulls can. */
  @NullUnmarked
  private enum NullSource implements Source<String, String> {
    INSTANCE;

    @Override
    public Row<String> load(String key) {
      return null;
    }
  }
}
