package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.Explanation;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final Duration LIFE = Duration.ofSeconds(10);

  private final Fleet fleet = new Fleet();
  private final VersionedCache<String, String> cache =
      fleet.cache(options -> options.ttl(LIFE).ttlJitter(0).grace(LIFE));

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void verdict_sameVersion_isUpToDate() {
    cached(5);

    assertThat(verdict()).isEqualTo("It is up to date: the source has version 5 too.");
  }

  @Test
  void verdict_sourceIsNewer_isBehindAndSaysWhatToDo() {
    cached(5);
    fleet.table.put("a", "secret", 6);

    assertThat(verdict())
        .isEqualTo(
            "It is behind: the source has version 6, and the cache was not told."
                + " Publish or invalidate rows that are written past it.");
  }

  @Test
  void verdict_sourceIsOlder_isAhead() {
    cached(5);
    fleet.table.put("a", "secret", 4);

    assertThat(verdict())
        .isEqualTo(
            "It is ahead: the source has only version 4. Either a row was published from a"
                + " transaction that was rolled back, or versions in the source went back, or another"
                + " program uses this cache's name in the same store for another table. Invalidate"
                + " it; in the last case, rename one of the caches first.");
  }

  @Test
  void verdict_rowIsGone_isBehind() {
    cached(5);
    fleet.table.delete("a");

    assertThat(verdict())
        .isEqualTo("It is behind: the source has no such row, and the cache was not told.");
  }

  @Test
  void verdict_expired_saysSoFirst() {
    cached(5);
    fleet.pass(LIFE);

    assertThat(verdict())
        .isEqualTo(
            "The entry has expired and is kept only as a fallback."
                + " It is up to date: the source has version 5 too.");
  }

  @Test
  void verdict_absentInBoth_agrees() {
    cache.get("a");

    assertThat(verdict()).isEqualTo("It says absent, and so does the source.");
  }

  @Test
  void verdict_absentAndInsertedSince_isBehind() {
    cache.get("a");
    fleet.table.put("a", "secret", 3);

    assertThat(verdict()).isEqualTo("It says absent and is behind: the source has version 3.");
  }

  @Test
  void verdict_neverLoaded_isEmpty() {
    assertThat(verdict())
        .isEqualTo(
            "Nothing is cached: the row was never loaded, or its entry expired or was dropped,"
                + " evicted or cleared; the next reader loads.");
  }

  @Test
  void verdict_absencesAreNotCached_saysSo() {
    VersionedCache<String, String> positive =
        fleet.cache(options -> options.negativeTtl(Duration.ZERO));
    positive.get("a");

    assertThat(positive.explain("a").verdict())
        .isEqualTo(
            "Nothing is cached, because the source has no such row, and negativeTtl is zero."
                + " The next reader asks the source.");
  }

  @Test
  void verdict_absencesAreNotCachedAndAValueIs_isBehindOnly() {
    VersionedCache<String, String> positive =
        fleet.cache(options -> options.negativeTtl(Duration.ZERO));
    cached(5);
    fleet.table.delete("a");

    assertThat(positive.explain("a").verdict())
        .isEqualTo("It is behind: the source has no such row, and the cache was not told.");
  }

  @Test
  void verdict_rowIsGoodNoLonger_saysSo() {
    VersionedCache<String, String> tokens =
        fleet.cacheOf(key -> Row.present("secret", 5, Duration.ofSeconds(-3)));
    tokens.get("a");

    assertThat(tokens.explain("a").verdict())
        .isEqualTo(
            "Nothing is cached, because the source has version 5, whose own time to live, PT-3S, is"
                + " over. The next reader asks the source.");
  }

  @Test
  void verdict_claimed_namesWhoHasIt() {
    fleet.store.as("node-7").claim(slotKey("a"), 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);

    assertThat(verdict())
        .isEqualTo(
            "node-7 claimed the slot with fence 42 at 1970-01-01T00:00:00Z to load or write the"
                + " row; readers wait for it.");
  }

  @Test
  void verdict_claimedByBallot_saysBulkLoad() {
    fleet.store.as("node-7").claim(slotKey("a"), -42, ClaimMode.IF_FREE, LIFE, LIFE);

    assertThat(verdict())
        .isEqualTo(
            "A bulk load of node-7 claimed the slot at 1970-01-01T00:00:00Z; readers wait for it.");
    assertThat(cache.explain("a").toString()).contains("slot: PENDING bulk load until ");
  }

  @Test
  void verdict_expiredAndReserved_namesWhoLoadsItAgain() {
    cached(5);
    fleet.pass(LIFE);
    fleet.store.as("node-7").claim(slotKey("a"), -42, ClaimMode.IF_FREE, LIFE, LIFE);

    assertThat(verdict())
        .endsWith(
            " node-7 has been loading the row again since %s, and readers wait for that."
                .formatted(Instant.EPOCH.plus(LIFE)));
  }

  @Test
  void verdict_droppedWithAFloor_namesItAndItsEnd() {
    cached(5);
    fleet.store.drop(slotKey("a"), Version.NONE, LIFE);

    assertThat(verdict())
        .isEqualTo(
            "The entry was dropped, and the next reader loads. Until %s no row older than version 5"
                    .formatted(Instant.EPOCH.plus(LIFE))
                + " is cached, because a replica may lag.");
  }

  @Test
  void verdict_floorAboveTheSource_saysThatItIsServedUncached() {
    cached(5);
    fleet.store.drop(slotKey("a"), Version.NONE, LIFE);
    fleet.table.put("a", "secret", 4);

    assertThat(verdict())
        .endsWith("because a replica may lag. The source has version 4, which is served uncached.");
  }

  @Test
  void verdict_invalidated_nothingIsCached() {
    cached(5);
    cache.invalidate("a");

    assertThat(verdict()).startsWith("Nothing is cached");
  }

  @Test
  void verdict_claimGivenUpWithoutAFloor_isEmpty() {
    fleet.store.claim(slotKey("a"), 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    fleet.store.abandon(slotKey("a"), 42);

    assertThat(verdict()).startsWith("Nothing is cached");
  }

  @Test
  void verdict_nothingCachedAndTheLockIsHeld_namesTheHolder() {
    VersionedCache<String, String> locked =
        fleet.cache(
            fleet.store,
            new LockProvider() {
              @Override
              public LockAttempt tryAcquire(SlotKey key, Deadline deadline) {
                throw new UnavailableException(key, "nobody asked for it", null);
              }

              @Override
              public Optional<String> holder(SlotKey key, Deadline deadline) {
                return Optional.of("node 7 of " + key);
              }
            },
            fleet.table,
            options -> options);

    Explanation<String> explanation = locked.explain("a");

    assertThat(explanation.lockHolder()).hasValue("node 7 of test:a");
    assertThat(explanation.verdict())
        .endsWith("; the next reader waits for the holder of its lock.");
    assertThat(explanation.toString()).contains("\n  lock: node 7 of test:a\n");
  }

  @Test
  void verdict_damaged_isReplaced() {
    fleet.store.damage(slotKey("a"));

    assertThat(verdict())
        .isEqualTo("The content of the slot is damaged; the next reader replaces it.");
  }

  @Test
  void explain_storeIsAway_tellsTheRest() {
    fleet.table.put("a", "secret", 5);
    VersionedCache<String, String> cutOff =
        fleet.cache(new UnreadableStore(fleet.store), fleet.table, options -> options);
    Explanation<String> explanation = cutOff.explain("a");

    assertThat(explanation.verdict()).isEqualTo("The store does not answer: onFallback decides.");
    assertThat(explanation.slot()).isEmpty();
    assertThat(explanation.source()).hasValue(Row.present("secret", 5));
    assertThat(explanation.toString())
        .contains("failure: io.tidemark.UnavailableException: test:a: connection refused")
        .contains("source: VALUE version 5");
  }

  @Test
  void explain_sourceFails_tellsTheRest() {
    cached(5);
    Explanation<String> explanation =
        fleet
            .cacheOf(
                key -> {
                  throw new IllegalStateException("database on fire");
                })
            .explain("a");

    assertThat(explanation.verdict())
        .isEqualTo("Whether it is up to date is unknown: the source failed.");
    assertThat(explanation.slot().orElseThrow()).isInstanceOf(Slot.Value.class);
    assertThat(explanation.failures()).hasSize(1);
    assertThat(explanation.toString()).contains("database on fire");
  }

  /** It is the source's thread that was interrupted. */
  @Test
  void explain_sourceThrowsAnInterrupt_leavesTheCallersThreadAlone() {
    Explanation<String> explanation =
        fleet
            .cacheOf(
                key -> {
                  throw new InterruptedException("the pool was closed");
                })
            .explain("a");

    assertThat(Thread.interrupted()).isFalse();
    assertThat(explanation.toString()).contains("the pool was closed");
  }

  @Test
  void explain_sourceHangs_endsByTheDeadline() {
    cached(5);
    Gate gate = new Gate();
    Explanation<String> explanation =
        fleet
            .cache(
                fleet.store,
                gate.before(Row.absent()),
                options -> options.deadline(Duration.ofMillis(50)).ticker(() -> 0))
            .explain("a");
    gate.open();

    assertThat(explanation.source()).isEmpty();
    assertThat(explanation.failures())
        .singleElement()
        .isInstanceOf(DeadlineExceededException.class);
    assertThat(explanation.slot()).isPresent();
  }

  /** Its source hangs for one key. */
  private VersionedCache<String, String> cacheOfOneLoad(Gate gate) {
    return fleet.cache(
        fleet.store,
        key -> {
          if (key.equals("a")) {
            gate.pass();
          }
          return Row.present("apple", 1);
        },
        options -> options.maxLoads(1));
  }

  @Test
  void explain_sourceHangs_leavesItsPlaceToLoads() {
    Gate gate = new Gate();
    VersionedCache<String, String> cache = cacheOfOneLoad(gate);

    cache.with(CallOptions.none().deadline(Duration.ofMillis(50))).explain("a");

    assertThat(cache.get("b")).hasValue("apple");
    gate.open();
  }

  @Test
  void explain_interruptedWhileTheSourceHangs_leavesItsPlaceToLoads() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache = cacheOfOneLoad(gate);
    Thread caller = new Thread(() -> cache.explain("a"));
    caller.start();
    gate.awaitReached();
    caller.interrupt();
    caller.join();

    assertThat(fleet.call(() -> cache.get("b")).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .hasValue("apple");
    gate.open();
  }

  @Test
  void explain_sourceHangs_interruptsItAndTellsThatItHangs() throws Exception {
    Duration deadline = Duration.ofMillis(50);
    ManualTicker ticker = new ManualTicker();
    Events events = new Events();
    CountDownLatch asked = new CountDownLatch(1);
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              asked.countDown();
              new CountDownLatch(1).await();
              return Row.absent();
            },
            options -> options.ticker(ticker).listener(events));
    Future<?> explanation =
        fleet.call(() -> cache.with(CallOptions.none().deadline(deadline)).explain("a"));
    asked.await();
    ticker.pass(deadline);
    explanation.get();

    assertThat(events.count(Kind.LOAD_GIVEN_UP)).isEqualTo(1);
    await().until(() -> events.count(Kind.GIVEN_UP_LOAD_ENDED) == 1);
    assertThat(cache.stats().loadsHung()).isZero();
  }

  @Test
  void explain_sourceMayHang_asksItLast() {
    List<String> asked = new ArrayList<>();
    LockProvider locks =
        new LockProvider() {
          @Override
          public LockAttempt tryAcquire(SlotKey key, Deadline deadline) {
            throw new UnavailableException(key, "nobody asked for it", null);
          }

          @Override
          public Optional<String> holder(SlotKey key, Deadline deadline) {
            asked.add("locks");
            return Optional.empty();
          }
        };
    ForwardingStore store =
        new ForwardingStore(fleet.store) {
          @Override
          public Slot read(SlotKey key) {
            asked.add("store");
            return super.read(key);
          }
        };
    Source<String, String> source =
        key -> {
          asked.add("source");
          return Row.absent();
        };

    assertThat(fleet.cache(store, locks, source, options -> options).explain("a").failures())
        .isEmpty();
    assertThat(asked).containsExactly("store", "locks", "source");
  }

  @Test
  void explain_interrupted_tellsWhatItHasAndStaysInterrupted() throws Exception {
    cached(5);
    Gate gate = new Gate();
    VersionedCache<String, String> hanging = fleet.cacheOf(gate.before(Row.absent()));
    Future<Boolean> call =
        fleet.call(
            () -> {
              Explanation<String> explanation = hanging.explain("a");
              assertThat(explanation.slot()).isPresent();
              assertThat(explanation.source()).isEmpty();
              return Thread.interrupted();
            });
    gate.awaitReached();
    fleet.interruptCallers();

    assertThat(call.get()).isTrue();
    gate.open();
  }

  @Test
  void explain_anyState_neverShowsTheValue() {
    cached(5);
    assertThat(cache.explain("a").toString()).doesNotContain("secret").contains("VALUE version 5");
    fleet.table.put("a", "secret", 6);
    cache.update("a", () -> Row.present("secret", 7));
    assertThat(cache.explain("a").toString()).doesNotContain("secret");
    cache.invalidate("a");
    assertThat(cache.explain("a").toString()).doesNotContain("secret");
    fleet.pass(LIFE);
    assertThat(cache.explain("a").toString()).doesNotContain("secret");
  }

  @Test
  void explain_sourceAnswers_showsWhoWroteTheSlotAndWhatItCost() {
    cached(5);

    assertThat(cache.explain("a").toString())
        .startsWith("test:a\n  It is up to date")
        .containsPattern("slot: VALUE version 5, by \\S+ at 1970-01-01T00:00:00Z after a load of")
        .contains("fresh for 10000 ms more");
  }

  @Test
  void explain_entryWasWritten_namesNoLoad() {
    cache.update("a", () -> Row.present("secret", 7));

    assertThat(cache.explain("a").toString())
        .containsPattern(
            "slot: VALUE version 7, by \\S+ at 1970-01-01T00:00:00Z, fresh for 10000 ms")
        .doesNotContain("after a load");
  }

  @Test
  void explain_loadOfLessThanAMillisecond_isNotSaidToTakeNone() {
    EncodedRow row =
        new EncodedRow.Present(
            5, Payload.wrap("secret".getBytes(UTF_8)), Duration.ofNanos(300_000));
    fleet.store.claim(slotKey("a"), 42, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    fleet.store.fill(
        slotKey("a"), 42, row, FloorRule.AT_OR_ABOVE, new Lifetime(LIFE, Duration.ZERO));

    assertThat(cache.explain("a").toString()).contains(" after a load of less than 1 ms, fresh");
  }

  @Test
  void lately_manyEvents_areThoseOfTheKeyOldestFirst() {
    cached(5);
    cache.get("b");
    cache.get("a");
    cache.invalidate("a");

    List<CacheEvent> events =
        cache.explain("a").lately().stream().map(Explanation.PastEvent::event).toList();
    assertThat(events).allMatch(event -> event.key().equals(slotKey("a")));
    assertThat(events)
        .extracting(CacheEvent::kind)
        .containsExactly(
            Kind.MISS,
            Kind.LOCK_ACQUIRED,
            Kind.LOAD,
            Kind.LOADED,
            Kind.FILL_STORED,
            Kind.LOCK_RELEASED,
            Kind.READ_BY_LOAD,
            Kind.PUBLISH_DROPPED);
  }

  @Test
  void lately_longAgo_isWrittenAsTheFreshnessIs() {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> ticking = fleet.cache(options -> options.ticker(ticker));
    ticking.get("a");
    ticker.pass(LIFE);

    assertThat(ticking.explain("a").toString()).contains("  10000 ms ago: MISS");
  }

  @Test
  void lately_veryManyEvents_areTheLast1024OfTheCache() {
    cache.get("a");
    for (int i = 0; i < 1_100; i++) {
      cache.invalidate("b");
    }

    assertThat(cache.explain("a").lately()).isEmpty();
    assertThat(cache.explain("b").lately()).hasSize(1_024);
  }

  @Test
  void explain_cacheIsClosed_throws() {
    cache.close();

    assertThatThrownBy(() -> cache.explain("a")).isInstanceOf(CacheClosedException.class);
  }

  private void cached(long version) {
    fleet.table.put("a", "secret", version);
    cache.get("a");
  }

  private String verdict() {
    return cache.explain("a").verdict();
  }
}
