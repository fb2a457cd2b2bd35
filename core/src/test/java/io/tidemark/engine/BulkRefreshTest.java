package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.BulkReadResult;
import io.tidemark.CacheBuilder;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads of many keys whose entries are past their time to live, and are kept. */
class BulkRefreshTest {
  private static final List<String> KEYS = List.of("c", "a", "b");

  private final Fleet fleet = new Fleet();
  private final BulkTable table = new BulkTable(fleet.table);

  /** What the source was asked for, call by call. */
  private final List<List<String>> asked = table.asked();

  private VersionedCache<String, String> cache;

  @BeforeEach
  void keepExpiredEntries() {
    fleet.table.put("a", "apple", 1);
    fleet.table.put("b", "banana", 2);
    fleet.table.put("c", "cherry", 3);
    cache = cache(fleet.store, keys -> {}, options -> options);
    cache.getAll(KEYS);
    fleet.pass(Duration.ofMinutes(2));
    asked.clear();
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  private VersionedCache<String, String> cache(
      SlotStore store,
      BulkTable.BeforeReturn beforeReturn,
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(
        store,
        table.source(beforeReturn),
        builder ->
            options.apply(
                builder.ttl(Duration.ofMinutes(1)).ttlJitter(0).grace(Duration.ofHours(1))));
  }

  @Test
  void readAll_entriesAreExpired_loadsThemTogetherWithTheMissing() {
    fleet.table.put("a", "avocado", 5);
    fleet.table.put("d", "date", 4);

    assertThat(cache.getAll(List.of("a", "d", "b")))
        .containsEntry("a", Optional.of("avocado"))
        .containsEntry("b", Optional.of("banana"))
        .containsEntry("d", Optional.of("date"));
    assertThat(asked).containsExactly(List.of("a", "d", "b"));
    for (String key : List.of("a", "b", "d")) {
      assertThat(cache.read(key).origin()).isEqualTo(Origin.CACHE);
    }
  }

  @Test
  void readAll_entriesAreExpired_acquiresNoLock() {
    BulkReadResult<String, String> result = cache.readAll(KEYS);

    assertThat(result.results().values())
        .allSatisfy(
            one -> {
              assertThat(one.origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
              assertThat(one.lockAcquired()).isFalse();
            });
  }

  @Test
  void readAll_anotherProcessLoadsTheExpired_everyRowIsReadOnce() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> other =
        cache(fleet.store, keys -> gate.pass(), options -> options);
    Future<Map<String, Optional<String>>> others = fleet.call(() -> other.getAll(KEYS));
    gate.awaitReached();
    Future<Map<String, Optional<String>>> all = fleet.callThatWaits(() -> cache.getAll(KEYS));
    Future<Optional<String>> single = fleet.callThatWaits(() -> cache.get("b"));
    gate.open();

    assertThat(all.get()).isEqualTo(others.get()).hasSize(3);
    assertThat(single.get()).contains("banana");
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void readAll_loadUnderTheLockHasAnExpiredOne_loadsTheOthersFirstAndThenWaits() throws Exception {
    assertThat(claim("a", 1_000)).isEqualTo(new ClaimAnswer.Reserved(1));
    Future<Map<String, Optional<String>>> all = fleet.callThatWaits(() -> cache.getAll(KEYS));
    Patience.await().until(() -> asked.size() == 1);
    fleet.store.abandon(Fleet.slotKey("a"), 1_000);

    assertThat(all.get()).containsEntry("a", Optional.of("apple"));
    assertThat(asked).containsExactly(List.of("c", "b"), List.of("a"));
  }

  private ClaimAnswer claim(String key, long fence) {
    return fleet.store.claim(
        Fleet.slotKey(key), fence, ClaimMode.UNLESS_PRESENT, Duration.ofHours(1), Duration.ZERO);
  }

  @Test
  void readAll_sourceFails_servesTheExpiredAndReservesNothing() {
    VersionedCache<String, String> failing =
        cache(
            fleet.store,
            keys -> {
              throw new SQLNonTransientConnectionException("away");
            },
            options -> options.onLoadFailure(LoadFailurePolicy.STALE));

    assertThat(failing.readAll(KEYS).results().values())
        .hasSize(3)
        .allSatisfy(one -> assertThat(one.origin()).isEqualTo(Origin.CACHE_STALE));
    KEYS.forEach(key -> assertThat(claim(key, 1)).isInstanceOf(ClaimAnswer.Reserved.class));
  }

  @Test
  void readAll_sourceFailsAndMayNotServeTheExpired_failsEachKey() {
    VersionedCache<String, String> failing =
        cache(
            fleet.store,
            keys -> {
              throw new SQLNonTransientConnectionException("away");
            },
            options -> options);

    assertThat(failing.readAll(KEYS).failures())
        .containsOnlyKeys(KEYS)
        .allSatisfy((key, e) -> assertThat(e).isInstanceOf(LoadFailedException.class));
  }

  @Test
  void readAll_rowIsGone_returnsNoneAndCachesThatAtTheNextRead() {
    fleet.table.delete("a");

    assertThat(cache.getAll(KEYS)).containsEntry("a", Optional.empty());
    assertThat(cache.getAll(KEYS)).containsEntry("a", Optional.empty());
    assertThat(asked).containsExactly(KEYS, List.of("a"));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void readAll_rowIsPublishedWhileItIsLoaded_theNewerOneStays() throws Exception {
    VersionedCache<String, String> slow =
        cache(
            fleet.store, keys -> cache.publish("a", Row.present("avocado", 9)), options -> options);

    assertThat(slow.getAll(KEYS)).containsEntry("a", Optional.of("avocado"));
    assertThat(cache.read("a").version()).hasValue(9);
    assertThat(asked).containsExactly(KEYS);
  }

  @Test
  void readAll_answerToARefreshIsLost_loadsTheRowAgainUnderItsLock() {
    AtomicInteger lost = new AtomicInteger(1);
    VersionedCache<String, String> unlucky =
        cache(
            new ForwardingStore(fleet.store) {
              @Override
              public List<Reply<RefreshAnswer>> refreshAll(List<Refresh> refreshes) {
                return refreshes.stream()
                    .map(
                        one ->
                            one.key().key().equals("a") && lost.getAndDecrement() > 0
                                ? new Reply.Failed<RefreshAnswer>(
                                    new OutcomeUnknownException(one.key(), "no answer", null))
                                : fleet.store.refreshAll(List.of(one)).get(0))
                    .toList();
              }
            },
            keys -> {},
            options -> options);

    assertThat(unlucky.getAll(KEYS)).containsEntry("a", Optional.of("apple"));
    assertThat(asked).containsExactly(KEYS, List.of("a"));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void readAll_rowMustNotBeAnEntry_dropsTheExpired() {
    VersionedCache<String, String> strict =
        cache(fleet.store, keys -> {}, options -> options.maxValueBytes(20));
    fleet.table.put("a", "a".repeat(100), 7);

    assertThat(strict.getAll(KEYS)).containsEntry("a", Optional.of("a".repeat(100)));
    assertThat(fleet.store.read(Fleet.slotKey("a")).isHit()).isFalse();
    assertThat(cache.read("a").version()).hasValue(7);
  }

  @Test
  void readAll_answerToADropIsLost_loadsTheRowAgainUnderItsLock() {
    AtomicInteger lost = new AtomicInteger(1);
    VersionedCache<String, String> unlucky =
        cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
                PublishAnswer answer = super.drop(key, version, floorLife);
                if (lost.getAndDecrement() > 0) {
                  throw new OutcomeUnknownException(key, "no answer", null);
                }
                return answer;
              }
            },
            keys -> {},
            options -> options.maxValueBytes(20));
    fleet.table.put("a", "a".repeat(100), 7);

    assertThat(unlucky.getAll(KEYS)).containsEntry("a", Optional.of("a".repeat(100)));
    assertThat(asked).containsExactly(KEYS, List.of("a"));
  }

  @Test
  void readAll_replicaLags_asksTheSourceForTheExpired() {
    List<String> atTheReplica = new CopyOnWriteArrayList<>();
    fleet.table.put("d", "date", 4);
    VersionedCache<String, String> replicated =
        cache(
            fleet.store,
            keys -> {},
            options ->
                options
                    .replica(
                        key -> {
                          atTheReplica.add(key);
                          return fleet.table.load(key);
                        })
                    .replicaLag(Duration.ofMinutes(1)));

    assertThat(replicated.getAll(List.of("a", "d"))).containsEntry("d", Optional.of("date"));
    assertThat(atTheReplica).containsExactly("d");
    assertThat(asked).containsExactly(List.of("a"));
  }

  @Test
  void get_entryIsExpiredAndItsLoadDied_loadsUnderTheNextLock() {
    SlotKey a = Fleet.slotKey("a");
    fleet.store.claim(a, 1, ClaimMode.UNLESS_PRESENT, Duration.ofHours(1), Duration.ZERO);

    assertThat(cache.get("a")).contains("apple");
    assertThat(fleet.store.read(a).isHit()).isTrue();
  }
}
