package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.DeadlineExceededException;
import io.tidemark.InvalidVersionException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.ReadResult;
import io.tidemark.RecursiveLoadException;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionedCacheWriteTest {
  /** How long a store that is silent makes a caller wait. */
  private static final Duration SILENCE = Duration.ofMillis(300);

  private final Fleet fleet = new Fleet();
  private final VersionedCache<String, String> cache = fleet.cache();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void update_storesTheRowThatTheWriteReturned() {
    WriteResult<String> result = cache.update("a", () -> fleet.table.put("a", "apple", 5));

    assertThat(result).isEqualTo(new WriteResult<>(Row.present("apple", 5), WriteOutcome.STORED));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.read("a").version()).isEqualTo(OptionalLong.of(5));
  }

  @Test
  void update_whileItRuns_readersOfTheKeyWaitForIt() throws Exception {
    fleet.table.put("a", "old", 1);
    cache.get("a");
    Gate gate = new Gate();
    Future<WriteResult<String>> writing =
        fleet.call(
            () ->
                cache.update(
                    "a",
                    () -> {
                      gate.pass();
                      return fleet.table.put("a", "new", 2);
                    }));
    gate.awaitReached();
    VersionedCache<String, String> other = fleet.cache();
    Future<ReadResult<String>> reading = fleet.call(() -> other.read("a"));
    await().until(() -> other.stats().lockWaited() == 1);
    gate.open();

    assertThat(writing.get().outcome()).isEqualTo(WriteOutcome.STORED);
    assertThat(reading.get().value()).hasValue("new");
    assertThat(other.stats().loads()).isZero();
  }

  @Test
  void update_writeThrows_throwsItAndGivesUpTheClaim() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");
    IOException failure = new IOException("constraint violated");

    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
    assertThat(cache.get("a")).hasValue("apple");
  }

  @Test
  void update_deletes_cachesTheAbsence() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    WriteResult<String> result = cache.update("a", () -> fleet.table.delete("a"));

    assertThat(result.outcome()).isEqualTo(WriteOutcome.STORED);
    assertThat(cache.read("a").value()).isEmpty();
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void update_versionFalls_isStoredAndWarnedOf() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");
    try (LogCapture log = new LogCapture()) {
      WriteResult<String> result = cache.update("a", () -> fleet.table.put("a", "older", 4));

      assertThat(result.outcome()).isEqualTo(WriteOutcome.STORED);
      assertThat(log.lines())
          .containsExactly(
              "WARN test:a: the write returned version 4, but the row had version 5 before; versions of"
                  + " a row must never fall");
    }
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.get("a")).hasValue("older");
  }

  @Test
  void update_negativeVersion_isAnErrorAndNothingOldIsServed() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThatThrownBy(() -> cache.update("a", () -> Row.present("wrong", -2)))
        .isInstanceOf(InvalidVersionException.class)
        .hasMessage("test:a: version is -2; it must be 0 or more; the write is committed");
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
  }

  @Test
  @SuppressWarnings("NullAway") // What a program can do that is not checked.
  void update_writeReturnsNull_namesTheKeyAndLeavesNothingOld() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThatThrownBy(() -> cache.update("a", () -> null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage(
            "test:a: the write returned null; for no row it must return Row.absent(); the write is"
                + " committed");
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
  }

  @Test
  void update_valueHasNoEncoding_leavesNothingOld() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.update("a", () -> Row.present("!", 6)).outcome())
        .isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
  }

  @Test
  void update_lockIsHeld_writesNothing() throws Exception {
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    VersionedCache<String, String> hasty =
        fleet.cache(options -> options.deadline(Duration.ofMillis(20)).ticker(() -> 0));
    AtomicInteger writes = new AtomicInteger();

    assertThatThrownBy(
            () ->
                hasty.update(
                    "a",
                    () -> {
                      writes.incrementAndGet();
                      return Row.absent();
                    }))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("the write did not run");
    assertThat(writes).hasValue(0);
    ((LockAttempt.Acquired) held).handle().close();
  }

  @Test
  void update_locksAway_writesNothing() {
    VersionedCache<String, String> broken =
        fleet.cache(fleet.store, NO_LOCKS, fleet.table, options -> options);
    AtomicInteger writes = new AtomicInteger();

    assertThatThrownBy(
            () ->
                broken.update(
                    "a",
                    () -> {
                      writes.incrementAndGet();
                      return Row.absent();
                    }))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("test:a: no quorum; the write did not run");
    assertThat(writes).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void update_storeAway_saysThatTheWriteDidNotRun(boolean keyIsKnown) {
    VersionedCache<String, String> cutOff =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public ClaimAnswer claim(
                  SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
                throw new UnavailableException(keyIsKnown ? key : null, "connection refused", null);
              }
            },
            fleet.table,
            options -> options);

    assertThatThrownBy(() -> cutOff.update("a", () -> Row.absent()))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("test:a: connection refused; the write did not run");
    assertThatThrownBy(() -> cutOff.updateAsync("a", () -> Row.absent()).join())
        .cause()
        .isInstanceOf(UnavailableException.class)
        .hasMessage("test:a: connection refused; the write did not run");
  }

  @Test
  void update_ownKeyWithinItsWrite_isAnErrorNotADeadlock() {
    assertThatThrownBy(() -> cache.update("a", () -> Row.present(cache.get("a").orElse(""), 1)))
        .isInstanceOf(RecursiveLoadException.class);
    assertThatThrownBy(() -> cache.update("a", () -> cache.update("a", Row::<String>absent).row()))
        .isInstanceOf(RecursiveLoadException.class);
  }

  @Test
  void update_claimWasLost_publishesWithoutServingAnythingOlder() {
    WriteResult<String> result =
        cache.update(
            "a",
            () -> {
              fleet.store.evict(slotKey("a"));
              return fleet.table.put("a", "apple", 5);
            });

    assertThat(result.outcome()).isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
  }

  @Test
  void publish_newer_isStored() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.publish("a", Row.present("avocado", 6))).isEqualTo(WriteOutcome.STORED);
    assertThat(cache.get("a")).hasValue("avocado");
  }

  @Test
  void publish_older_loses() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.publish("a", Row.present("ancient", 4))).isEqualTo(WriteOutcome.SUPERSEDED);
    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.stats().superseded()).isEqualTo(1);
  }

  @Test
  void publish_sameRowAgain_isStored() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.publish("a", Row.present("apple", 5))).isEqualTo(WriteOutcome.STORED);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void publish_tieWithAnotherValue_dropsAndReloads() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.publish("a", fleet.table.put("a", "avocado", 5)))
        .isEqualTo(WriteOutcome.DROPPED);
    assertThat(cache.get("a")).hasValue("avocado");
  }

  @Test
  void publish_nothingCached_leavesAFloorThatALateWriterCannotPass() {
    cache.publish("a", fleet.table.put("a", "apple", 5));

    assertThat(cache.publish("a", Row.present("ancient", 4))).isEqualTo(WriteOutcome.DROPPED);
    assertThat(cache.read("a").value()).hasValue("apple");
  }

  @Test
  void publish_deletion_newerThanTheEntry_cachesTheAbsence() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.publish("a", Row.deleted(6))).isEqualTo(WriteOutcome.STORED);
    assertThat(cache.read("a").value()).isEmpty();
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void publish_valueHasNoEncoding_dropsTheOldOne() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.publish("a", Row.present("!", 6))).isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
  }

  @Test
  void publish_negativeVersion_isRefused() {
    assertThatThrownBy(() -> cache.publish("a", Row.present("apple", -1)))
        .isInstanceOf(InvalidVersionException.class);
  }

  @Test
  void publish_replyLost_isRepeatedUntilTheStoreAnswers() {
    AtomicInteger publishes = new AtomicInteger();
    VersionedCache<String, String> shaky =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
                PublishAnswer answer = super.publish(key, fence, row, lifetime, floorLife);
                if (publishes.incrementAndGet() <= 2) {
                  throw new OutcomeUnknownException(key, "reply lost", null);
                }
                return answer;
              }
            },
            fleet.table,
            options -> options);
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(shaky.publish("a", Row.present("avocado", 6))).isEqualTo(WriteOutcome.STORED);
    assertThat(publishes).hasValue(3);
  }

  @Test
  void publish_storeAwayUntilTheDeadline_isUnknown() {
    VersionedCache<String, String> cutOff =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
                throw new UnavailableException(key, "connection refused", null);
              }
            },
            fleet.table,
            // It passes only while the cache pauses between two tries.
            options -> options.deadline(Duration.ofMillis(50)).ticker(new ManualTicker()));

    assertThat(cutOff.publish("a", Row.present("apple", 5))).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(cutOff.update("a", () -> Row.present("apple", 5)).outcome())
        .isEqualTo(WriteOutcome.UNKNOWN);
  }

  @Test
  void publish_storeIsSilent_beginsNoTryThatWouldOutlastTheDeadline() {
    AtomicLong nanos = new AtomicLong();
    VersionedCache<String, String> cutOff = silentCache(nanos);

    assertThat(cutOff.publish("a", Row.present("apple", 5))).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(Duration.ofNanos(nanos.get())).isEqualTo(SILENCE.multipliedBy(3));
  }

  @Test
  void update_storeIsSilent_beginsNoTryThatWouldOutlastTheWaitLimit() {
    AtomicLong nanos = new AtomicLong();
    VersionedCache<String, String> cutOff = silentCache(nanos);

    assertThatThrownBy(() -> cutOff.update("a", () -> Row.present("apple", 5)))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("the write did not run");
    assertThat(Duration.ofNanos(nanos.get())).isEqualTo(SILENCE.multipliedBy(2));
  }

  /** A cache with a deadline of 1 s and a wait limit of 800 ms. */
  private VersionedCache<String, String> silentCache(AtomicLong nanos) {
    return fleet.cache(
        new ForwardingStore(fleet.store) {
          @Override
          public ClaimAnswer claim(
              SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
            throw silence(key);
          }

          @Override
          public PublishAnswer publish(
              SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
            throw silence(key);
          }

          private OutcomeUnknownException silence(SlotKey key) {
            nanos.addAndGet(SILENCE.toNanos());
            return new OutcomeUnknownException(key, "no answer", null);
          }
        },
        fleet.table,
        options -> options.deadline(Duration.ofSeconds(1)).ticker(nanos::get));
  }

  @Test
  void invalidate_dropsTheEntryAndLeavesNothing() {
    fleet.table.put("a", "apple", 5);
    cache.get("a");

    assertThat(cache.invalidate("a")).isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
  }

  @Test
  void invalidate_withAReplica_keepsTheFloorForItsLag() {
    Duration lag = Duration.ofSeconds(60);
    VersionedCache<String, String> lagging =
        fleet.cache(options -> options.replica(fleet.table).replicaLag(lag));
    fleet.table.put("a", "apple", 5);
    lagging.get("a");

    assertThat(lagging.invalidate("a")).isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a")).bare())
        .isEqualTo(new Slot.Pending(LockHandle.NO_FENCE, 5));
    fleet.storeNanos.addAndGet(lag.toNanos());
    assertThat(fleet.store.read(slotKey("a"))).isEqualTo(new Slot.Empty());
  }

  @Test
  void invalidate_duringALoad_refusesItsFill() throws Exception {
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> loading =
        fleet.cache(
            fleet.store,
            key -> {
              Row<String> row = fleet.table.load(key);
              if (loads.incrementAndGet() == 1) {
                gate.pass();
              }
              return row;
            },
            options -> options);
    fleet.table.put("a", "old", 1);
    Future<ReadResult<String>> result = fleet.call(() -> loading.read("a"));
    gate.awaitReached();
    fleet.table.put("a", "new", 1);
    cache.invalidate("a");
    gate.open();

    assertThat(result.get().value()).hasValue("new");
    assertThat(fleet.cache().get("a")).hasValue("new");
  }

  @Test
  void clear_duringALoad_refusesItsFill() throws Exception {
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> loading =
        fleet.cache(
            fleet.store,
            key -> {
              Row<String> row = fleet.table.load(key);
              if (loads.incrementAndGet() == 1) {
                gate.pass();
              }
              return row;
            },
            options -> options);
    fleet.table.put("a", "old", 1);
    Future<ReadResult<String>> result = fleet.call(() -> loading.read("a"));
    gate.awaitReached();
    fleet.table.put("a", "new", 1);

    assertThat(cache.clear()).isEqualTo(1);
    gate.open();
    assertThat(result.get().value()).hasValue("new");
  }
}
