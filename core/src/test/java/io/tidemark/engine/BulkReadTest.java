package io.tidemark.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.tidemark.BulkReadException;
import io.tidemark.BulkReadResult;
import io.tidemark.BulkSource;
import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheListener;
import io.tidemark.CallOptions;
import io.tidemark.Codec;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RecursiveLoadException;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class BulkReadTest {
  private static final List<String> KEYS = List.of("c", "a", "b");

  private final Fleet fleet = new Fleet();
  private final BulkTable table = new BulkTable(fleet.table);

  /** What the source was asked for, call by call. */
  private final List<List<String>> asked = table.asked();

  @AfterEach
  void close() {
    fleet.close();
  }

  private VersionedCache<String, String> cache() {
    return fleet.cacheOf(table.source());
  }

  private void putRows() {
    fleet.table.put("a", "apple", 1);
    fleet.table.put("b", "banana", 2);
  }

  @Test
  void getAll_nothingIsCached_asksTheSourceOnceAndKeepsTheOrder() {
    putRows();

    Map<String, Optional<String>> values = cache().getAll(List.of("c", "a", "b", "a"));

    assertThat(values)
        .containsExactly(
            entry("c", Optional.empty()),
            entry("a", Optional.of("apple")),
            entry("b", Optional.of("banana")));
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void readAll_nothingIsCached_storesEveryRowWithoutALock() {
    putRows();
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, Fleet.NO_LOCKS, table.source(), options -> options);

    BulkReadResult<String, String> first = cache.readAll(KEYS);

    assertThat(first.failures()).isEmpty();
    assertThat(first.results().values())
        .allSatisfy(
            result -> {
              assertThat(result.origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
              assertThat(result.fill()).contains(FillAnswer.STORED);
              assertThat(result.lockAcquired()).isFalse();
            });
    assertThat(cache.readAll(KEYS).results().values())
        .allSatisfy(result -> assertThat(result.origin()).isEqualTo(Origin.CACHE));
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void readAll_someAreCached_loadsTheOthersTogether() {
    putRows();
    VersionedCache<String, String> cache = cache();
    cache.get("a");
    asked.clear();

    Map<String, Optional<String>> values = cache.getAll(KEYS);

    assertThat(values.keySet()).containsExactly("c", "a", "b");
    assertThat(asked).containsExactly(List.of("c", "b"));
  }

  @Test
  void readAll_anyKeys_readsTheStoreOnce() {
    AtomicInteger reads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<Slot>> readAll(List<SlotKey> keys) {
                reads.incrementAndGet();
                return fleet.store.readAll(keys);
              }

              @Override
              public Slot read(SlotKey key) {
                throw new AssertionError("reads " + key + " alone");
              }
            },
            table.source(),
            options -> options);

    cache.getAll(KEYS);
    cache.getAll(KEYS);

    assertThat(reads).hasValue(2);
  }

  @Test
  void readAll_sourceReadsOneByOne_readsEachOnce() {
    putRows();
    VersionedCache<String, String> cache = fleet.cache();
    List<String> keys = IntStream.range(0, 100).mapToObj(i -> "k" + i).toList();

    assertThat(cache.getAll(keys)).hasSize(100);
    assertThat(cache.getAll(KEYS)).containsEntry("a", Optional.of("apple"));

    assertThat(fleet.table.loads()).isEqualTo(103);
  }

  @Test
  void readAll_oneKeyCannotBeRead_failsForItself() {
    putRows();
    IllegalStateException broken = new IllegalStateException("no such codepage");
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            BulkSource.of(
                key -> {
                  if (key.equals("b")) {
                    throw broken;
                  }
                  return fleet.table.load(key);
                },
                keys -> {
                  throw broken;
                }));

    BulkReadResult<String, String> result = cache.readAll(KEYS);

    assertThat(result.results().keySet()).containsExactly("c", "a");
    assertThat(result.failures()).containsOnlyKeys("b");
    assertThat(result.failures().get("b"))
        .isInstanceOf(LoadFailedException.class)
        .hasMessageStartingWith("test:b: ")
        .hasCause(broken);
    assertThatThrownBy(() -> cache.getAll(KEYS))
        .isInstanceOfSatisfying(
            BulkReadException.class, e -> assertThat(e.failures()).containsOnlyKeys("b"))
        .hasMessage("test: 1 of 3 keys could not be read: test:b: the source failed");
  }

  static Stream<Exception> noConnection() {
    SQLException timeout = new SQLTransientConnectionException("pool: timed out after 30000ms");
    return Stream.of(
        timeout,
        new SQLNonTransientConnectionException("refused"),
        new SQLRecoverableException("closed"),
        new IllegalStateException("wrapped", new SQLException(timeout)));
  }

  @ParameterizedTest
  @MethodSource("noConnection")
  void readAll_sourceGetsNoConnection_failsEachKeyWithoutAskingAgain(Exception failure) {
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            table.source(
                keys -> {
                  throw failure;
                }),
            options -> options.failureTtl(Duration.ofHours(1)));

    BulkReadResult<String, String> result = cache.readAll(KEYS);

    assertThat(asked).containsExactly(KEYS);
    assertThat(result.failures().keySet()).containsExactlyElementsOf(KEYS);
    result
        .failures()
        .forEach(
            (key, thrown) ->
                assertThat(thrown)
                    .isInstanceOf(LoadFailedException.class)
                    .hasMessageStartingWith("test:" + key + ": the source failed")
                    .hasCause(failure));
    assertThatThrownBy(() -> cache.get("a")).as("it is remembered").hasCause(failure);
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void readAll_causesFormACircle_asksOneByOne() {
    putRows();
    RuntimeException first = new IllegalStateException("first");
    first.initCause(new IllegalStateException("second", first));
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            table.source(
                keys -> {
                  throw first;
                }));

    assertThat(cache.getAll(KEYS)).containsEntry("b", Optional.of("banana"));
    assertThat(asked).hasSize(4);
  }

  @Test
  void readAll_sourceReturnsAKeyThatWasNotAskedFor_asksOneByOne() {
    putRows();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            BulkSource.of(
                fleet.table,
                keys -> Map.of("a", Row.present("apple", 1), "B", Row.present("banana", 2))));

    assertThat(cache.getAll(KEYS)).containsEntry("b", Optional.of("banana"));
    assertThat(fleet.table.loads()).isEqualTo(3);
  }

  @Test
  void readAll_versionOfOneIsNegative_failsForItself() {
    putRows();
    fleet.table.put("c", "cherry", -1);

    BulkReadResult<String, String> result = cache().readAll(KEYS);

    assertThat(result.results().keySet()).containsExactly("a", "b");
    assertThat(result.failures().get("c")).hasMessageContaining("version is -1");
  }

  @Test
  void readAll_keyIsLoadedInThisProcess_joinsItsFlight() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            BulkSource.of(
                key -> {
                  gate.pass();
                  return fleet.table.load(key);
                },
                table.source()::loadAll));
    Future<Optional<String>> single = fleet.call(() -> cache.get("a"));
    gate.awaitReached();
    Future<Map<String, Optional<String>>> all = fleet.callThatWaits(() -> cache.getAll(KEYS));
    gate.open();

    assertThat(all.get()).containsEntry("a", Optional.of("apple"));
    assertThat(single.get()).contains("apple");
    assertThat(asked).containsExactly(List.of("c", "b"));
    assertThat(fleet.table.loads()).isEqualTo(3);
  }

  @Test
  void read_keyIsLoadedWithOthersInThisProcess_joinsThatFlight() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cacheOf(table.source(keys -> gate.pass()));
    Future<Map<String, Optional<String>>> all = fleet.call(() -> cache.getAll(KEYS));
    gate.awaitReached();
    Future<Optional<String>> single = fleet.callThatWaits(() -> cache.get("a"));
    gate.open();

    assertThat(single.get()).contains("apple");
    assertThat(all.get()).hasSize(3);
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void readAll_keyIsLoadedInAnotherProcess_loadsTheOthersFirstAndThenWaits() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> other = fleet.cacheOf(gate.before(Row.present("apple", 1)));
    Future<Optional<String>> single = fleet.call(() -> other.get("a"));
    gate.awaitReached();
    VersionedCache<String, String> cache = cache();
    Future<Map<String, Optional<String>>> all = fleet.callThatWaits(() -> cache.getAll(KEYS));
    // The others are entries, although the call still waits.
    assertThat(cache.get("b")).contains("banana");
    gate.open();

    assertThat(all.get()).containsEntry("a", Optional.of("apple"));
    assertThat(single.get()).contains("apple");
    assertThat(asked).containsExactly(List.of("c", "b"));
  }

  @Test
  void readAll_waitsForAnotherProcess_looksWithoutTryingToClaim() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> other = fleet.cacheOf(gate.before(Row.present("apple", 1)));
    Future<Optional<String>> single = fleet.call(() -> other.get("a"));
    gate.awaitReached();
    List<List<SlotKey>> looks = new CopyOnWriteArrayList<>();
    List<SlotKey> claims = new CopyOnWriteArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<Slot>> readAll(List<SlotKey> keys) {
                looks.add(keys);
                return fleet.store.readAll(keys);
              }

              @Override
              public List<Reply<ClaimAnswer>> claimAll(
                  List<SlotKey> keys,
                  long fence,
                  ClaimMode mode,
                  Duration claimLife,
                  Duration floorLife) {
                claims.addAll(keys);
                return fleet.store.claimAll(keys, fence, mode, claimLife, floorLife);
              }
            },
            table.source(),
            options -> options);
    Future<Map<String, Optional<String>>> all = fleet.call(() -> cache.getAll(KEYS));
    Patience.await().until(() -> looks.size() > 5);
    gate.open();

    assertThat(all.get()).containsEntry("a", Optional.of("apple"));
    assertThat(single.get()).contains("apple");
    assertThat(claims).containsExactlyElementsOf(KEYS.stream().map(Fleet::slotKey).toList());
    assertThat(looks.subList(1, looks.size())).containsOnly(List.of(Fleet.slotKey("a")));
  }

  @Test
  void readAll_claimThatItWaitedForIsGivenUp_loadsTheRow() throws Exception {
    putRows();
    SlotKey slotKey = Fleet.slotKey("a");
    fleet.store.claim(slotKey, 1, ClaimMode.UNLESS_PRESENT, Duration.ofHours(1), Duration.ZERO);
    VersionedCache<String, String> cache = cache();
    Future<Map<String, Optional<String>>> all = fleet.callThatWaits(() -> cache.getAll(KEYS));
    Patience.await().until(() -> asked.size() == 1);
    fleet.store.abandon(slotKey, 1);

    assertThat(all.get()).containsEntry("a", Optional.of("apple"));
    assertThat(asked).containsExactly(List.of("c", "b"), List.of("a"));
  }

  @Test
  void read_keyIsLoadedWithOthersInAnotherProcess_isNotLoadedAgain() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cacheOf(table.source(keys -> gate.pass()));
    Future<Map<String, Optional<String>>> all = fleet.call(() -> cache.getAll(KEYS));
    gate.awaitReached();
    VersionedCache<String, String> other = fleet.cache();
    Future<Optional<String>> single = fleet.callThatWaits(() -> other.get("a"));
    gate.open();

    assertThat(single.get()).contains("apple");
    assertThat(all.get()).hasSize(3);
    assertThat(fleet.table.loads()).isEqualTo(3);
  }

  @Test
  void readAll_othersHaveTheKeysInAnotherOrder_everyRowIsReadOnce() throws Exception {
    List<String> keys = IntStream.range(0, 40).mapToObj(i -> "k" + i).toList();
    List<String> backwards = new ArrayList<>(keys);
    Collections.reverse(backwards);
    List<Future<Map<String, Optional<String>>>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      VersionedCache<String, String> cache = cache();
      List<String> order = i % 2 == 0 ? keys : backwards;
      calls.add(fleet.call(() -> cache.getAll(order)));
    }

    for (Future<Map<String, Optional<String>>> call : calls) {
      assertThat(call.get()).hasSize(40);
    }
    assertThat(fleet.table.loads()).isEqualTo(40);
  }

  @Test
  void readAll_rowIsWrittenWhileItIsLoaded_theOldOneIsNotStored() throws Exception {
    putRows();
    Gate gate = new Gate();
    AtomicReference<Gate> once = new AtomicReference<>(gate);
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            table.source(
                keys -> {
                  Gate mine = once.getAndSet(null);
                  if (mine != null) {
                    mine.pass();
                  }
                }));
    Future<Map<String, Optional<String>>> all = fleet.call(() -> cache.getAll(KEYS));
    gate.awaitReached();
    VersionedCache<String, String> other = fleet.cache();
    other.update("a", () -> fleet.table.put("a", "avocado", 5));
    Future<Map<String, Optional<String>>> later =
        fleet.callThatWaits(() -> cache.getAll(List.of("a", "b")));
    gate.open();

    assertThat(later.get()).containsEntry("a", Optional.of("avocado"));
    assertThat(all.get()).containsEntry("b", Optional.of("banana"));
    assertThat(cache.read("a").version()).hasValue(5);
  }

  @Test
  void readAll_rowIsPublishedWhileItIsLoaded_theOldOneIsNotStored() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> cache = fleet.cacheOf(table.source(keys -> gate.pass()));
    Future<Map<String, Optional<String>>> all = fleet.call(() -> cache.getAll(KEYS));
    gate.awaitReached();
    fleet.cache().publish("a", fleet.table.put("a", "avocado", 5));
    gate.open();

    assertThat(all.get()).containsEntry("b", Optional.of("banana"));
    assertThat(cache.read("a").version()).hasValue(5);
  }

  @Test
  void readAll_hitsAreDueToBeRefreshed_loadsWhatIsMissingFirst() {
    putRows();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            table.source(),
            options ->
                options
                    .ttl(Duration.ofMinutes(1))
                    .ttlJitter(0)
                    .refreshAhead(RefreshAhead.afterFraction(0.5))
                    .maxLoads(1));
    cache.getAll(List.of("a", "b"));
    fleet.pass(Duration.ofSeconds(40));
    asked.clear();

    assertThat(cache.getAll(List.of("a", "b", "c", "d"))).hasSize(4);
    Patience.await().until(() -> asked.size() == 3);
    assertThat(asked).containsExactly(List.of("c", "d"), List.of("a"), List.of("b"));
  }

  @Test
  void readAll_storeIsAway_failsEachKey() {
    VersionedCache<String, String> cache =
        fleet.cache(new UnreadableStore(fleet.store), table.source(), options -> options);

    BulkReadResult<String, String> result = cache.readAll(KEYS);

    assertThat(result.failures().keySet()).containsExactly("c", "a", "b");
    result
        .failures()
        .forEach(
            (key, failure) ->
                assertThat(failure)
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("test:" + key + ": "));
  }

  @Test
  void readAll_storeIsAwayAndTheSourceMayBeAsked_asksItOnce() {
    putRows();
    VersionedCache<String, String> cache =
        fleet.cache(
            new UnreadableStore(fleet.store),
            table.source(),
            options -> options.onFallback(FallbackPolicy.LOAD));

    BulkReadResult<String, String> result = cache.readAll(KEYS);

    assertThat(result.values()).containsEntry("b", Optional.of("banana"));
    assertThat(result.results().values())
        .allSatisfy(one -> assertThat(one.origin()).isEqualTo(Origin.SOURCE_FALLBACK));
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void readAll_answerToAClaimIsLost_loadsTheRowOnce() {
    putRows();
    AtomicInteger lost = new AtomicInteger(1);
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public ClaimAnswer claim(
                  SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
                ClaimAnswer answer = super.claim(key, fence, mode, claimLife, floorLife);
                if (key.key().equals("a") && lost.getAndDecrement() > 0) {
                  throw new OutcomeUnknownException(key, "no answer", null);
                }
                return answer;
              }
            },
            table.source(),
            options -> options);

    assertThat(cache.getAll(KEYS)).containsEntry("a", Optional.of("apple"));
    assertThat(asked).containsExactly(List.of("c", "b"), List.of("a"));
  }

  @Test
  void readAll_answerToAFillIsLost_loadsTheRowAgainUnderItsLock() {
    putRows();
    AtomicInteger lost = new AtomicInteger(1);
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
                return fills.stream()
                    .map(
                        one ->
                            one.key().key().equals("a") && lost.getAndDecrement() > 0
                                ? new Reply.Failed<FillAnswer>(
                                    new OutcomeUnknownException(one.key(), "no answer", null))
                                : fleet.store.fillAll(List.of(one)).get(0))
                    .toList();
              }
            },
            table.source(),
            options -> options);

    assertThat(cache.getAll(KEYS)).containsEntry("a", Optional.of("apple"));
    assertThat(asked).containsExactly(KEYS, List.of("a"));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void readAll_sourceHangs_failsEachKeyByTheDeadline() {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            table.source(keys -> gate.pass()),
            options -> options.deadline(Duration.ofMillis(200)));

    BulkReadResult<String, String> result = cache.readAll(KEYS);
    gate.open();

    assertThat(result.failures().keySet()).containsExactly("c", "a", "b");
    result
        .failures()
        .forEach(
            (key, failure) ->
                assertThat(failure)
                    .isInstanceOf(DeadlineExceededException.class)
                    .hasMessageStartingWith("test:" + key + ": "));
  }

  @Test
  void readAll_oneKeyHangs_returnsTheOthersByTheDeadline() {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            key -> {
              if (key.equals("c")) {
                gate.pass();
              }
              return fleet.table.load(key);
            },
            options -> options.deadline(Duration.ofSeconds(1)));

    BulkReadResult<String, String> result = cache.readAll(KEYS);
    gate.open();

    assertThat(result.failures()).containsOnlyKeys("c");
    assertThat(result.results().keySet()).containsExactly("a", "b");
  }

  @Test
  void readAll_noPlaceByTheWaitLimit_fallsBackForAllAtOnce() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            BulkSource.of(gate.before(Row.absent()), table.source()::loadAll),
            options ->
                options
                    .maxLoads(1)
                    .onFallback(FallbackPolicy.LOAD)
                    .waitLimit(Duration.ofMillis(100)));
    VersionedCache<String, String> patient =
        cache.with(CallOptions.none().deadline(Patience.PATIENCE));
    Future<Optional<String>> inTheWay = fleet.call(() -> patient.get("d"));
    gate.awaitReached();

    assertThat(cache.readAll(KEYS).results().values())
        .hasSize(3)
        .allSatisfy(one -> assertThat(one.origin()).isEqualTo(Origin.SOURCE_FALLBACK));
    assertThat(asked).containsExactly(KEYS);
    gate.open();
    assertThat(inTheWay.get()).isEmpty();
  }

  @Test
  void readAll_storeFailsAsAWhole_asksTheSource() {
    putRows();
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<Slot>> readAll(List<SlotKey> keys) {
                throw new UnavailableException(keys.get(0), "away", null);
              }
            },
            table.source(),
            options -> options.onFallback(FallbackPolicy.LOAD));

    assertThat(cache.getAll(KEYS)).containsEntry("a", Optional.of("apple"));
  }

  @Test
  void readAll_storeFailsInTheClaims_leavesNoneBehind() {
    putRows();
    AtomicInteger failures = new AtomicInteger(1);
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<ClaimAnswer>> claimAll(
                  List<SlotKey> keys,
                  long fence,
                  ClaimMode mode,
                  Duration claimLife,
                  Duration floorLife) {
                List<Reply<ClaimAnswer>> replies =
                    fleet.store.claimAll(keys, fence, mode, claimLife, floorLife);
                if (failures.getAndDecrement() > 0) {
                  throw new IllegalStateException("out of luck");
                }
                return replies;
              }
            },
            table.source(),
            options -> options);

    assertThat(cache.readAll(KEYS).failures()).hasSize(3);
    KEYS.forEach(
        key -> assertThat(fleet.store.read(Fleet.slotKey(key))).isInstanceOf(Slot.Empty.class));
    assertThat(cache.readAll(KEYS).failures()).isEmpty();
  }

  @Test
  void readAll_sourceThrowsAnErrorForOneKey_failsForItself() {
    putRows();
    AssertionError error = new AssertionError("bad row");
    VersionedCache<String, String> cache = fleet.cacheOf(failingFor("c", error));

    assertFailsAlone(cache.readAll(KEYS), "c", error);
    assertThatThrownBy(() -> cache.get("c")).isSameAs(error);
  }

  @Test
  void readAll_sourceOfOneRowAtATimeThrowsAnErrorForOneKey_failsForItself() {
    putRows();
    StackOverflowError error = new StackOverflowError();
    BulkSource<String, String> bulk = failingFor("c", error);
    VersionedCache<String, String> cache = fleet.cacheOf(key -> bulk.load(key));

    assertFailsAlone(cache.readAll(KEYS), "c", error);
  }

  @Test
  void readAll_sourceThrowsForWantOfMemory_throwsThat() {
    putRows();
    OutOfMemoryError error = new OutOfMemoryError("Java heap space");
    VersionedCache<String, String> cache = fleet.cacheOf(failingFor("c", error));

    assertThatThrownBy(() -> cache.readAll(KEYS)).isSameAs(error);
    assertThat(cache.getAll(List.of("a", "b"))).containsEntry("a", Optional.of("apple"));
  }

  @Test
  void readAll_codecThrowsAnErrorForOneRow_failsForItselfAndTheOthersAreStored() {
    putRows();
    AssertionError error = new AssertionError("a defect");
    VersionedCache<String, String> cache =
        cacheWith(codecThatThrows("banana", error), fleet.store, FallbackPolicy.FAIL);

    assertFailsAlone(cache.readAll(KEYS), "b", error);
    assertThat(asked).as("the row is not read again").containsExactly(KEYS);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(fleet.store.read(Fleet.slotKey("b"))).isInstanceOf(Slot.Empty.class);
  }

  @Test
  void readAll_codecThrowsAnErrorForOneHit_failsForItself() {
    putRows();
    cache().getAll(KEYS);
    AssertionError error = new AssertionError("a defect");
    VersionedCache<String, String> cache =
        cacheWith(codecThatThrows("banana", error), fleet.store, FallbackPolicy.FAIL);

    assertFailsAlone(cache.readAll(KEYS), "b", error);
  }

  @Test
  void readAll_codecThrowsAnErrorForOneEntryOfAnotherLoad_failsForItself() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> other = fleet.cacheOf(gate.before(Row.present("banana", 2)));
    Future<Optional<String>> single = fleet.call(() -> other.get("b"));
    gate.awaitReached();
    AssertionError error = new AssertionError("a defect");
    VersionedCache<String, String> cache =
        cacheWith(codecThatThrows("banana", error), fleet.store, FallbackPolicy.FAIL);
    Future<BulkReadResult<String, String>> all = fleet.callThatWaits(() -> cache.readAll(KEYS));
    gate.open();

    assertFailsAlone(all.get(), "b", error);
    assertThat(single.get()).contains("banana");
  }

  @Test
  void readAll_codecThrowsAnErrorForOneRowPastTheCache_failsForItself() {
    putRows();
    AssertionError error = new AssertionError("a defect");
    VersionedCache<String, String> cache =
        cacheWith(
            codecThatThrows("banana", error),
            new UnreadableStore(fleet.store),
            FallbackPolicy.LOAD);

    assertFailsAlone(cache.readAll(KEYS), "b", error);
    assertThat(asked).containsExactly(KEYS);
  }

  static Stream<Throwable> badRows() {
    return Stream.of(new IllegalStateException("no such codepage"), new AssertionError("bad row"));
  }

  @ParameterizedTest
  @MethodSource("badRows")
  void readAll_oneRowIsBadPastTheCache_failsForItself(Throwable failure) {
    putRows();
    VersionedCache<String, String> cache =
        fleet.cache(
            new UnreadableStore(fleet.store),
            failingFor("b", failure),
            options -> options.onFallback(FallbackPolicy.LOAD).failureTtl(Duration.ofHours(1)));

    assertFailsAlone(cache.readAll(KEYS), "b", failure);
    assertThat(asked).containsExactly(KEYS, List.of("c"), List.of("a"), List.of("b"));
    asked.clear();

    assertThat(cache.readAll(KEYS).failures()).as("it is remembered").containsOnlyKeys("b");
    assertThat(asked).containsExactly(List.of("c", "a"));
  }

  /** A source that fails for one key, and for all calls of several keys with that. */
  private BulkSource<String, String> failingFor(String bad, Throwable failure) {
    return BulkSource.of(
        key -> {
          asked.add(List.of(key));
          if (key.equals(bad)) {
            throw sneaked(failure);
          }
          return fleet.table.load(key);
        },
        keys -> {
          if (keys.contains(bad)) {
            asked.add(List.copyOf(keys));
            throw sneaked(failure);
          }
          return table.source().loadAll(keys);
        });
  }

  private static RuntimeException sneaked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure;
  }

  private VersionedCache<String, String> cacheWith(
      Codec<String> codec, SlotStore store, FallbackPolicy fallback) {
    return fleet.cache(
        store, fleet.locks, table.source(), codec, options -> options.onFallback(fallback));
  }

  private static Codec<String> codecThatThrows(String value, Error error) {
    return new Codec<>() {
      @Override
      public byte[] encode(String each) {
        return new StringCodec().encode(each);
      }

      @Override
      public String decode(byte[] bytes) {
        String decoded = new StringCodec().decode(bytes);
        if (decoded.equals(value)) {
          throw error;
        }
        return decoded;
      }
    };
  }

  private static void assertFailsAlone(
      BulkReadResult<String, String> result, String bad, Throwable failure) {
    assertThat(result.results().keySet())
        .containsExactlyElementsOf(KEYS.stream().filter(key -> !key.equals(bad)).toList());
    assertThat(result.failures()).containsOnlyKeys(bad);
    assertThat(result.failures().get(bad))
        .isInstanceOf(LoadFailedException.class)
        .hasMessageStartingWith("test:" + bad + ": ")
        .hasCause(failure);
  }

  @Test
  void close_rowsAreReadOneByOne_asksForNoMore() throws Exception {
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            BulkSource.of(
                key -> {
                  loads.incrementAndGet();
                  gate.passDespiteInterrupts();
                  return Row.absent();
                },
                keys -> {
                  throw new IllegalStateException("only one by one");
                }));
    Future<BulkReadResult<String, String>> all = fleet.call(() -> cache.readAll(KEYS));
    gate.awaitReached();
    cache.close();
    gate.open();

    assertThat(all.get().failures()).hasSize(3);
    assertThat(loads).hasValue(1);
  }

  @Test
  void close_rowsAreBeingLoaded_failsTheCallAndGivesTheClaimsUp() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> cache =
        fleet.cacheOf(table.source(keys -> gate.passDespiteInterrupts()));
    Future<BulkReadResult<String, String>> all = fleet.callThatWaits(() -> cache.readAll(KEYS));
    gate.awaitReached();
    cache.close();

    assertThat(all.get().failures().values()).hasOnlyElementsOfType(CacheClosedException.class);
    assertThat(fleet.cache().getAll(KEYS)).hasSize(3);
    gate.open();
  }

  @Test
  void readAll_replicaLacksARow_asksTheSourceForThatOne() {
    putRows();
    List<List<String>> atTheReplica = new CopyOnWriteArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            table.source(),
            options ->
                options
                    .replica(
                        BulkSource.of(
                            fleet.table,
                            keys -> {
                              atTheReplica.add(List.copyOf(keys));
                              return Map.of("a", Row.present("apple", 1));
                            }))
                    .replicaLag(Duration.ofMinutes(1)));
    // It does not have this one yet.
    cache.publish("b", Row.present("banana", 2));

    assertThat(cache.getAll(List.of("a", "b")))
        .containsEntry("a", Optional.of("apple"))
        .containsEntry("b", Optional.of("banana"));
    assertThat(atTheReplica).containsExactly(List.of("a", "b"));
    assertThat(asked).containsExactly(List.of("b"));
  }

  @Test
  void readAll_everyKeyIsLoadedInAnotherProcess_doesNotAskTheReplica() throws Exception {
    putRows();
    Gate gate = new Gate();
    VersionedCache<String, String> other = fleet.cacheOf(table.source(keys -> gate.pass()));
    Future<Map<String, Optional<String>>> others = fleet.call(() -> other.getAll(KEYS));
    gate.awaitReached();
    List<List<String>> atTheReplica = new CopyOnWriteArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            fleet.store,
            table.source(),
            options ->
                options
                    .replica(
                        BulkSource.of(
                            fleet.table,
                            keys -> {
                              atTheReplica.add(List.copyOf(keys));
                              return Map.of();
                            }))
                    .replicaLag(Duration.ofMinutes(1)));
    Future<Map<String, Optional<String>>> all = fleet.callThatWaits(() -> cache.getAll(KEYS));
    gate.open();

    assertThat(all.get()).isEqualTo(others.get()).hasSize(3);
    assertThat(asked).containsExactly(KEYS);
    assertThat(atTheReplica).isEmpty();
  }

  @Test
  void readAllAsync_nothingIsCached_asksTheSourceOnce() throws Exception {
    putRows();
    VersionedCache<String, String> cache = cache();

    assertThat(cache.readAllAsync(KEYS).get().results()).hasSize(3);
    assertThat(cache.getAllAsync(KEYS).get()).containsEntry("a", Optional.of("apple"));
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void getAllAsync_keysCannotBeRead_failsWithAllOfThem() {
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              throw new IllegalStateException("down");
            });

    CompletableFuture<Map<String, Optional<String>>> values = cache.getAllAsync(KEYS);

    assertThat(values)
        .failsWithin(Patience.PATIENCE)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            BulkReadException.class,
            e ->
                assertThat(e.failures().keySet())
                    .map(Object::toString)
                    .containsExactly("c", "a", "b"));
  }

  @Test
  void getAll_fromItsOwnLoad_isRefused() {
    AtomicReference<VersionedCache<String, String>> itself = new AtomicReference<>();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            table.source(
                keys ->
                    assertThatThrownBy(() -> requireNonNull(itself.get()).getAll(List.of("d", "a")))
                        .isInstanceOf(RecursiveLoadException.class)
                        .hasMessageStartingWith("test:a: ")));
    itself.set(cache);

    assertThat(cache.readAll(KEYS).failures()).isEmpty();
    assertThat(asked).containsExactly(KEYS);
  }

  /** As a source of categories that reads the parents of a category from the cache. */
  @ParameterizedTest
  @EnumSource(value = FallbackPolicy.class, names = "STALE", mode = Mode.EXCLUDE)
  void getAll_loadOfAKeyReadsAnotherOfTheCall_bothAreRead(FallbackPolicy fallback) {
    AtomicReference<VersionedCache<String, String>> itself = new AtomicReference<>();
    Source<String, String> source =
        key -> {
          asked.add(List.of(key));
          return key.equals("root")
              ? Row.present("root", 1)
              : Row.present(
                  requireNonNull(itself.get()).get(parentOf(key)).orElseThrow() + "/" + key, 1);
        };
    SlotStore store =
        fallback == FallbackPolicy.LOAD ? new UnreadableStore(fleet.store) : fleet.store;
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            BulkSource.of(
                source,
                keys -> {
                  Map<String, Row<String>> rows = new HashMap<>();
                  for (String key : keys) {
                    rows.put(key, source.load(key));
                  }
                  return rows;
                }),
            options -> options.onFallback(fallback));
    itself.set(cache);

    assertThat(cache.getAll(List.of("abc", "ab", "a", "root")))
        .containsExactly(
            entry("abc", Optional.of("root/a/ab/abc")),
            entry("ab", Optional.of("root/a/ab")),
            entry("a", Optional.of("root/a")),
            entry("root", Optional.of("root")));
  }

  private static String parentOf(String key) {
    return key.length() == 1 ? "root" : key.substring(0, key.length() - 1);
  }

  @Test
  void getAll_loadOfAKeyReadsAnotherOfTheCallFromASourceOfOneRow_bothAreRead() {
    AtomicReference<VersionedCache<String, String>> itself = new AtomicReference<>();
    VersionedCache<String, String> cache =
        fleet.cacheOf(
            key -> {
              int number = Integer.parseInt(key);
              // The next in line for the same thread.
              return Row.present(
                  number % 2 == 0
                      ? requireNonNull(itself.get()).getAll(List.of("" + (number + 1))) + key
                      : key,
                  1);
            });
    itself.set(cache);
    // Twice as many as are loaded side by side.
    List<String> keys = IntStream.range(0, 16).mapToObj(i -> "" + i).toList();

    assertThat(cache.getAll(keys)).hasSize(16).containsEntry("6", Optional.of("{7=Optional[7]}6"));
  }

  @Test
  void getAll_loadOfAKeyReadsAnotherOfTheCallThroughAnotherCache_bothAreRead() {
    AtomicReference<VersionedCache<String, String>> itself = new AtomicReference<>();
    try (Fleet others = new Fleet()) {
      VersionedCache<String, String> between =
          others.cacheOf(
              key ->
                  Row.present(requireNonNull(itself.get()).get("b").orElseThrow() + "/" + key, 1));
      VersionedCache<String, String> cache =
          fleet.cacheOf(
              BulkSource.of(
                  key ->
                      Row.present(key.equals("a") ? between.get("x").orElseThrow() + "/a" : key, 1),
                  keys -> {
                    throw new IllegalStateException("only one by one");
                  }));
      itself.set(cache);

      assertThat(cache.getAll(List.of("a", "b")))
          .containsExactly(entry("a", Optional.of("b/x/a")), entry("b", Optional.of("b")));
    }
  }

  /** Where a load that waits for one of the keys is what another of them needs. */
  @ParameterizedTest
  @EnumSource(value = FallbackPolicy.class, names = "STALE", mode = Mode.EXCLUDE)
  void getAll_keyIsAskedForByALoadWhileItIsReadWithOthers_isReadAloneAfterwards(
      FallbackPolicy fallback) throws Exception {
    Gate gate = new Gate();
    Links links = new Links(Map.of("c", "d", "d", "a"));
    VersionedCache<String, String> cache =
        links.cache(
            fallback,
            keys -> {
              gate.pass();
              throw new IllegalStateException("only one by one");
            });
    Future<Map<String, Optional<String>>> all = fleet.call(() -> cache.getAll(List.of("c", "a")));
    gate.awaitReached();
    Future<Optional<String>> other = fleet.call(() -> cache.get("d"));
    Patience.await().until(() -> links.waitsInTheLoadOf("d"));
    gate.open();

    assertThat(all.get().values()).containsExactly(Optional.of("a/d/c"), Optional.of("a"));
    assertThat(other.get()).contains("a/d");
  }

  @ParameterizedTest
  @EnumSource(value = FallbackPolicy.class, names = "STALE", mode = Mode.EXCLUDE)
  void getAll_keyIsAskedForByALoadBeforeItIsLoaded_isReadAlone(FallbackPolicy fallback)
      throws Exception {
    Gate gate = new Gate();
    Links links = new Links(Map.of("a", "d", "d", "c"));
    VersionedCache<String, String> cache =
        links.cache(
            fallback,
            event -> {
              if (event.kind() == Kind.MISS && event.key().equals(Fleet.slotKey("a"))) {
                // The flight of "c" has not taken off.
                gate.passUninterrupted();
              }
            },
            keys -> {
              Map<String, Row<String>> rows = new HashMap<>();
              for (String key : keys) {
                rows.put(key, links.load(key));
              }
              return rows;
            });
    Future<Map<String, Optional<String>>> all =
        fleet.call(() -> cache.getAll(List.of("c", "a", "b")));
    gate.awaitReached();
    Future<Optional<String>> other = fleet.call(() -> cache.get("d"));
    Patience.await().until(() -> links.waitsInTheLoadOf("d"));
    gate.open();

    assertThat(all.get().values())
        .containsExactly(Optional.of("c"), Optional.of("c/d/a"), Optional.of("b"));
    assertThat(other.get()).contains("c/d");
  }

  /** A source whose rows are made of other rows, which it reads from the cache. */
  private final class Links implements Source<String, String> {
    private final Map<String, String> parents;
    private final Map<String, Thread> loading = new ConcurrentHashMap<>();
    private @Nullable VersionedCache<String, String> cache;

    Links(Map<String, String> parents) {
      this.parents = parents;
    }

    VersionedCache<String, String> cache(
        FallbackPolicy fallback, BulkSource.BulkLoad<String, String> bulkLoad) {
      return cache(fallback, event -> {}, bulkLoad);
    }

    VersionedCache<String, String> cache(
        FallbackPolicy fallback,
        CacheListener listener,
        BulkSource.BulkLoad<String, String> bulkLoad) {
      SlotStore store =
          fallback == FallbackPolicy.LOAD ? new UnreadableStore(fleet.store) : fleet.store;
      VersionedCache<String, String> built =
          fleet.cache(
              store,
              BulkSource.of(this, bulkLoad),
              options -> options.onFallback(fallback).listener(listener));
      cache = built;
      return built;
    }

    @Override
    public Row<String> load(String key) {
      loading.put(key, Thread.currentThread());
      String parent = parents.get(key);
      return Row.present(
          parent == null ? key : requireNonNull(cache).get(parent).orElseThrow() + "/" + key, 1);
    }

    boolean waitsInTheLoadOf(String key) {
      Thread thread = loading.get(key);
      return thread != null && Fleet.waitsOnAFlight(thread);
    }
  }

  @Test
  void getAll_noKeys_returnsNothing() {
    assertThat(cache().getAll(List.of())).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void getAll_nullAmongTheKeys_isRefusedBeforeAnythingIsRead() {
    VersionedCache<String, String> cache = cache();

    assertThatThrownBy(() -> cache.getAll(Arrays.asList("a", null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("key");
    assertThat(asked).isEmpty();
  }
}
