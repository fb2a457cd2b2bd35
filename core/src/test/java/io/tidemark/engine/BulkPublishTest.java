package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.await;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.tidemark.BulkWriteException;
import io.tidemark.CacheBuilder;
import io.tidemark.CacheClosedException;
import io.tidemark.Codec;
import io.tidemark.CodecException;
import io.tidemark.InvalidVersionException;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.UncacheablePolicy;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.Drop;
import io.tidemark.spi.Publish;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Transactions.Ending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows of many keys that were committed, told to the cache in one call. */
class BulkPublishTest {
  private static final List<String> KEYS = List.of("c", "a", "b");

  private final Fleet fleet = new Fleet();
  private final ThreadTransactions transactions = new ThreadTransactions();
  private final VersionedCache<String, String> other = fleet.cache();

  /** The keys of the requests that the store got. */
  private final List<List<String>> requests = new CopyOnWriteArrayList<>();

  @BeforeEach
  void cacheTheOldRows() {
    KEYS.forEach(key -> fleet.table.put(key, "old " + key, 5));
    other.getAll(KEYS);
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  /** Notes the requests, and may take its part in each reply. */
  private final class WatchedStore extends ForwardingStore {
    private final Function<Publish, Reply<PublishAnswer>> publish;
    private final Function<Drop, Reply<PublishAnswer>> drop;

    WatchedStore(
        Function<Publish, Reply<PublishAnswer>> publish,
        Function<Drop, Reply<PublishAnswer>> drop) {
      super(fleet.store);
      this.publish = publish;
      this.drop = drop;
    }

    @Override
    public List<Reply<PublishAnswer>> publishAll(List<Publish> publishes) {
      requests.add(publishes.stream().map(one -> one.key().key()).toList());
      return publishes.stream().map(publish).toList();
    }

    @Override
    public List<Reply<PublishAnswer>> dropAll(List<Drop> drops) {
      requests.add(drops.stream().map(one -> "-" + one.key().key()).toList());
      return drops.stream().map(drop).toList();
    }
  }

  private Reply<PublishAnswer> publish(Publish one) {
    return fleet.store.publishAll(List.of(one)).get(0);
  }

  private Reply<PublishAnswer> drop(Drop one) {
    return fleet.store.dropAll(List.of(one)).get(0);
  }

  private VersionedCache<String, String> cache() {
    return cache(this::publish, options -> options);
  }

  private VersionedCache<String, String> cache(
      Function<Publish, Reply<PublishAnswer>> publish,
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(new WatchedStore(publish, this::drop), fleet.table, options);
  }

  private Map<String, Row<String>> newRows() {
    Map<String, Row<String>> rows = new LinkedHashMap<>();
    KEYS.forEach(key -> rows.put(key, fleet.table.put(key, "new " + key, 6)));
    return rows;
  }

  private void assertNothingOldIsServed() {
    KEYS.forEach(key -> assertThat(other.get(key)).hasValue("new " + key));
  }

  @Test
  void publishAll_newerRows_areStoredByOneRequestInTheirOrder() {
    assertThat(cache().publishAll(newRows()))
        .containsExactly(
            entry("c", WriteOutcome.STORED),
            entry("a", WriteOutcome.STORED),
            entry("b", WriteOutcome.STORED));
    assertThat(requests).containsExactly(KEYS);
    KEYS.forEach(key -> assertThat(fleet.store.read(slotKey(key)).isHit()).isTrue());
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_rowsOfAllKinds_eachItsOutcome() {
    fleet.store.evict(slotKey("d"));
    Map<String, Row<String>> rows =
        Map.of(
            "a", Row.present("older", 4),
            "b", Row.present("old b", 5),
            "c", Row.deleted(6),
            "d", Row.present("uncached", 6),
            "e", Row.present("!", 6));

    assertThat(cache().publishAll(rows))
        .containsOnly(
            entry("a", WriteOutcome.SUPERSEDED),
            entry("b", WriteOutcome.STORED),
            entry("c", WriteOutcome.STORED),
            entry("d", WriteOutcome.DROPPED),
            entry("e", WriteOutcome.DROPPED));
    assertThat(requests).as("one for rows, one for what is no entry").hasSize(2);
    assertThat(requests.get(1)).containsExactly("-e");
  }

  @Test
  void publishAll_rowBreaksARule_failsForItselfAndIsDropped() {
    Map<String, Row<String>> rows = newRows();
    rows.put("a", Row.present("new a", -1));
    VersionedCache<String, String> cache = cache();

    assertThatThrownBy(() -> cache.publishAll(rows))
        .isInstanceOfSatisfying(
            BulkWriteException.class,
            e -> {
              assertThat(e.outcomes())
                  .containsExactly(
                      entry("c", WriteOutcome.STORED), entry("b", WriteOutcome.STORED));
              assertThat(e.failures()).containsOnlyKeys("a");
              assertThat(e.failures().get("a")).isInstanceOf(InvalidVersionException.class);
            })
        .hasMessage("test: 1 of 3 keys failed: test:a: version is -1; it must be 0 or more");
    assertThat(requests).containsExactly(List.of("c", "b"), List.of("-a"));
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_valueCannotBeCachedAndThatFails_failsForItselfAndIsDropped() {
    Map<String, Row<String>> rows = newRows();
    rows.put("a", Row.present("!", 6));
    VersionedCache<String, String> cache =
        cache(this::publish, options -> options.onUncacheable(UncacheablePolicy.FAIL));

    assertThatThrownBy(() -> cache.publishAll(rows))
        .isInstanceOfSatisfying(
            BulkWriteException.class, e -> assertThat(e.failures()).containsOnlyKeys("a"))
        .hasCauseInstanceOf(CodecException.class);
    assertThat(cache.stats().uncacheable()).isEqualTo(1);
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_someRepliesAreLost_onlyThoseAreSentAgain() {
    VersionedCache<String, String> cache =
        cache(
            one -> {
              Reply<PublishAnswer> reply = publish(one);
              return requests.size() <= 2 && !one.key().key().equals("a")
                  ? new Reply.Failed<>(new OutcomeUnknownException(one.key(), "lost", null))
                  : reply;
            },
            options -> options);

    assertThat(cache.publishAll(newRows()).values()).containsOnly(WriteOutcome.STORED);
    assertThat(requests).containsExactly(KEYS, List.of("c", "b"), List.of("c", "b"));
    assertThat(cache.stats().repaired()).isZero();
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_storeIsAwayUntilTheDeadline_isUnknownAndRepaired() {
    StoreSwitch store = new StoreSwitch(fleet.store);
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            fleet.table,
            // It passes only while the cache pauses between two tries.
            options -> options.deadline(Duration.ofMillis(50)).ticker(new ManualTicker()));
    store.cut();
    assertThat(cache.publishAll(newRows()).values()).containsOnly(WriteOutcome.UNKNOWN);
    store.connect();

    await().until(() -> cache.stats().repaired() == 3);
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_threadIsInterrupted_triesOnceAndRepairs() {
    VersionedCache<String, String> cache =
        cache(
            one -> new Reply.Failed<>(new OutcomeUnknownException(one.key(), "lost", null)),
            options -> options);
    Thread.currentThread().interrupt();

    assertThat(cache.publishAll(newRows()).values()).containsOnly(WriteOutcome.UNKNOWN);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(requests).hasSize(1);
    await().until(() -> cache.stats().repaired() == 3);
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_storeRefusesRows_dropsThemInOneRequest() {
    VersionedCache<String, String> cache =
        cache(one -> new Reply.Failed<>(refused(one)), options -> options);

    assertThat(cache.publishAll(newRows()).values()).containsOnly(WriteOutcome.DROPPED);
    assertThat(requests).containsExactly(KEYS, List.of("-c", "-a", "-b"));
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_storeRefusesEverything_isUnknownAndNotAskedAgain() {
    List<RefusedException> refusals = new ArrayList<>();
    VersionedCache<String, String> cache =
        fleet.cache(
            new WatchedStore(
                one -> {
                  refusals.add(refused(one));
                  return new Reply.Failed<>(refusals.get(refusals.size() - 1));
                },
                one -> new Reply.Failed<>(new RefusedException(one.key(), "read-only", null))),
            fleet.table,
            options -> options);

    assertThat(cache.publishAll(newRows()).values()).containsOnly(WriteOutcome.UNKNOWN);
    assertThat(requests).hasSize(2);
    assertThat(refusals).allSatisfy(first -> assertThat(first.getSuppressed()).hasSize(1));
  }

  private static RefusedException refused(Publish one) {
    return new RefusedException(one.key(), "out of memory", null);
  }

  @Test
  void publishAll_deadlineIsOverBeforeTheLastRows_theyAreNotWaitedForAndRepaired() {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache =
        cache(
            one -> {
              ticker.pass(Duration.ofMillis(1));
              return publish(one);
            },
            options -> options.deadline(Duration.ofMillis(500)).ticker(ticker));
    Map<String, Row<String>> rows = new LinkedHashMap<>();
    IntStream.range(0, 1_002).forEach(i -> rows.put("key" + i, Row.present("new", 6)));

    Map<String, WriteOutcome> outcomes = cache.publishAll(rows);

    assertThat(outcomes.get("key999")).isEqualTo(WriteOutcome.DROPPED);
    assertThat(outcomes.get("key1000")).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(outcomes.get("key1001")).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(requests).hasSize(1);
    await().until(() -> cache.stats().repaired() == 2);
  }

  @Test
  void publishAll_storeFailsForOneInAnUnknownWay_failsForItselfAndIsDropped() {
    IllegalStateException defect = new IllegalStateException("a defect");
    VersionedCache<String, String> cache =
        cache(
            one -> one.key().key().equals("a") ? new Reply.Failed<>(defect) : publish(one),
            options -> options);

    assertThatThrownBy(() -> cache.publishAll(newRows()))
        .isInstanceOfSatisfying(
            BulkWriteException.class,
            e -> {
              assertThat(e.outcomes()).containsOnlyKeys("b", "c");
              assertThat(e.failures()).containsExactly(entry("a", defect));
            });
    assertThat(requests).containsExactly(KEYS, List.of("-a"));
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_codecThrowsForWantOfMemory_publishesTheOthersAndThrowsThat() {
    OutOfMemoryError error = new OutOfMemoryError("Java heap space");
    Map<String, Row<String>> rows = newRows();
    VersionedCache<String, String> cache = cacheThatCannotEncodeA(error, options -> options);

    assertThatThrownBy(() -> cache.publishAll(rows)).isSameAs(error);
    assertThat(requests).containsExactly(List.of("c", "b"), List.of("-a"));
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_codecThrowsAnErrorForOne_failsForItselfAndIsDropped() {
    AssertionError error = new AssertionError("a defect");
    Map<String, Row<String>> rows = newRows();
    VersionedCache<String, String> cache = cacheThatCannotEncodeA(error, options -> options);

    assertThatThrownBy(() -> cache.publishAll(rows))
        .isInstanceOfSatisfying(
            BulkWriteException.class,
            e -> {
              assertThat(e.outcomes())
                  .containsExactly(
                      entry("c", WriteOutcome.STORED), entry("b", WriteOutcome.STORED));
              assertIsOfA(e, error);
            });
    assertThat(requests).containsExactly(List.of("c", "b"), List.of("-a"));
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_codecThrowsAnErrorForOneInATransaction_failsForItselfAndIsDropped() {
    AssertionError error = new AssertionError("a defect");
    VersionedCache<String, String> cache =
        cacheThatCannotEncodeA(error, options -> options.transactions(transactions));
    transactions.begin();
    Map<String, Row<String>> rows = newRows();

    assertThatThrownBy(() -> cache.publishAll(rows))
        .isInstanceOfSatisfying(
            BulkWriteException.class,
            e -> {
              assertThat(e.outcomes()).containsOnlyKeys("c", "b");
              assertIsOfA(e, error);
            });
    transactions.commit();

    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertNothingOldIsServed();
  }

  private static void assertIsOfA(BulkWriteException thrown, Error error) {
    assertThat(thrown.failures()).containsOnlyKeys("a");
    assertThat(thrown.failures().get("a"))
        .isInstanceOf(CodecException.class)
        .hasMessageStartingWith("test:a: ")
        .hasCause(error);
  }

  private VersionedCache<String, String> cacheThatCannotEncodeA(
      Error error, UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(
        new WatchedStore(this::publish, this::drop),
        fleet.locks,
        fleet.table,
        new Codec<>() {
          @Override
          public byte[] encode(String value) {
            if (value.equals("new a")) {
              throw error;
            }
            return new StringCodec().encode(value);
          }

          @Override
          public String decode(byte[] bytes) {
            return new StringCodec().decode(bytes);
          }
        },
        options);
  }

  @Test
  void publishAll_inATransaction_isPublishedAfterItsCommit() {
    VersionedCache<String, String> cache =
        cache(this::publish, options -> options.transactions(transactions));
    transactions.begin();

    assertThat(cache.publishAll(newRows()))
        .containsOnlyKeys(KEYS)
        .allSatisfy((key, outcome) -> assertThat(outcome).isEqualTo(WriteOutcome.DEFERRED));
    assertThat(other.get("a")).hasValue("old a");
    assertThat(requests).isEmpty();
    transactions.commit();

    assertThat(requests).containsExactly(KEYS);
    KEYS.forEach(key -> assertThat(fleet.store.read(slotKey(key)).isHit()).isTrue());
    assertNothingOldIsServed();
    assertThat(cache.get("a")).as("the transaction is over").hasValue("new a");
  }

  @Test
  void publishAll_inATransactionThatHasUpdatedAKey_isPublishedUnderItsClaim() {
    VersionedCache<String, String> cache =
        cache(this::publish, options -> options.transactions(transactions));
    transactions.begin();
    cache.update("a", () -> Row.present("newer a", 7));
    cache.publishAll(newRows());
    cache.update("b", () -> Row.present("newer b", 7));
    transactions.commit();

    assertThat(requests).containsExactly(List.of("c"));
    assertThat(other.get("a")).as("the last word").hasValue("new a");
    assertThat(other.get("b")).as("the last word").hasValue("newer b");
    assertThat(other.stats().loads()).isEqualTo(3);
  }

  @Test
  void publishAll_storeIsSilentAfterTheCommit_isAskedOnceAndRepaired() {
    StoreSwitch store = new StoreSwitch(fleet.store);
    VersionedCache<String, String> cache =
        fleet.cache(
            store,
            fleet.table,
            options ->
                options
                    .transactions(transactions)
                    .deadline(Duration.ofMillis(50))
                    .ticker(new ManualTicker()));
    transactions.begin();
    Map<String, Row<String>> rows = newRows();
    cache.publishAll(rows);
    cache.publishAll(Map.of("d", Row.present("new d", 6)));
    store.cut();
    transactions.commit();
    store.connect();

    await().until(() -> cache.stats().repaired() == 4);
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_storeFailsInAnUnknownWayAfterTheCommit_entriesAreDropped() {
    VersionedCache<String, String> cache =
        cache(
            one -> {
              throw new AssertionError("a defect");
            },
            options -> options.transactions(transactions));
    transactions.begin();
    cache.publishAll(newRows());
    transactions.commit();

    assertThat(requests.get(1)).containsExactly("-c", "-a", "-b");
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_transactionTakesNoMoreActions_throwsAndLeavesNothing() {
    VersionedCache<String, String> cache =
        cache(this::publish, options -> options.transactions(transactions));
    transactions.begin().refuses = true;

    assertThatThrownBy(() -> cache.publishAll(newRows())).isInstanceOf(IllegalStateException.class);
    assertThat(cache.get("a")).as("not a key of the transaction").hasValue("old a");
    transactions.commit();
    assertThat(requests).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"ROLLED_BACK", "UNKNOWN"})
  void publishAll_inATransactionThatDoesNotCommit_isDropped(Ending ending) {
    VersionedCache<String, String> cache =
        cache(this::publish, options -> options.transactions(transactions));
    transactions.begin();
    cache.publishAll(Map.of("a", Row.present("phantom", 6), "b", Row.present("phantom", 6)));
    transactions.end(ending);

    assertThat(other.get("a")).hasValue("old a");
    assertThat(other.get("b")).hasValue("old b");
    assertThat(other.stats().loads()).isEqualTo(5);
  }

  @Test
  void publishAll_rowBreaksARuleInATransaction_failsForItselfAndIsDroppedAfterTheCommit() {
    VersionedCache<String, String> cache =
        cache(this::publish, options -> options.transactions(transactions));
    transactions.begin();
    Map<String, Row<String>> rows = newRows();
    rows.put("a", Row.present("new a", -1));

    assertThatThrownBy(() -> cache.publishAll(rows))
        .isInstanceOfSatisfying(
            BulkWriteException.class,
            e -> {
              assertThat(e.outcomes())
                  .containsExactly(
                      entry("c", WriteOutcome.DEFERRED), entry("b", WriteOutcome.DEFERRED));
              assertThat(e.failures()).containsOnlyKeys("a");
            });
    transactions.commit();

    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertNothingOldIsServed();
  }

  @Test
  void publishAll_keyIsNull_isRefusedBeforeAnythingIsPublished() {
    Map<String, Row<String>> rows = new LinkedHashMap<>(newRows());
    rows.put(nullKey(), Row.present("x", 6));
    VersionedCache<String, String> cache = cache();

    assertThatThrownBy(() -> cache.publishAll(rows))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("key");
    assertThat(requests).isEmpty();
  }

  @SuppressWarnings("NullAway") // What a program can do that is not checked.
  private static String nullKey() {
    return null;
  }

  @Test
  void publishAll_noRows_asksNobody() {
    VersionedCache<String, String> cache = cache();

    assertThat(cache.publishAll(Map.of())).isEmpty();
    assertThat(cache.invalidateAll(List.of())).isEmpty();
    assertThat(requests).isEmpty();
    cache.close();
    assertThatThrownBy(() -> cache.publishAll(Map.of())).isInstanceOf(CacheClosedException.class);
    assertThatThrownBy(() -> cache.invalidateAll(KEYS)).isInstanceOf(CacheClosedException.class);
  }

  @Test
  void invalidateAll_entries_areDroppedByOneRequestInTheirOrder() {
    newRows();

    assertThat(cache().invalidateAll(Arrays.asList("c", "a", "b", "a")))
        .containsExactly(
            entry("c", WriteOutcome.DROPPED),
            entry("a", WriteOutcome.DROPPED),
            entry("b", WriteOutcome.DROPPED));
    assertThat(requests).containsExactly(List.of("-c", "-a", "-b"));
    assertNothingOldIsServed();
  }

  @Test
  void invalidateAll_someRepliesAreLost_onlyThoseAreSentAgain() {
    newRows();
    VersionedCache<String, String> cache =
        fleet.cache(
            new WatchedStore(
                this::publish,
                one -> {
                  Reply<PublishAnswer> reply = drop(one);
                  return requests.size() == 1 && one.key().key().equals("b")
                      ? new Reply.Failed<>(new OutcomeUnknownException(one.key(), "lost", null))
                      : reply;
                }),
            fleet.table,
            options -> options);

    assertThat(cache.invalidateAll(KEYS).values()).containsOnly(WriteOutcome.DROPPED);
    assertThat(requests).containsExactly(List.of("-c", "-a", "-b"), List.of("-b"));
    assertNothingOldIsServed();
  }

  @Test
  void invalidateAll_inATransaction_dropsAfterItsEnd() {
    VersionedCache<String, String> cache =
        cache(this::publish, options -> options.transactions(transactions));
    transactions.begin();

    assertThat(requireNonNull(cache.invalidateAll(KEYS).get("a"))).isEqualTo(WriteOutcome.DEFERRED);
    newRows();
    assertThat(other.get("a")).hasValue("old a");
    transactions.commit();

    assertThat(requests).containsExactly(List.of("-c", "-a", "-b"));
    assertNothingOldIsServed();
  }
}
