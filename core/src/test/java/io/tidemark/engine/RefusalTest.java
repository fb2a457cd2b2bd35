package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.ClaimRule;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.Write;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A store or locks that say no, as against those that are away: nobody asks them again at once. */
class RefusalTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final Fleet fleet = new Fleet();
  private final Refusing store = new Refusing();
  private final AtomicInteger asked = new AtomicInteger();

  /** A store that takes no row, or neither row nor drop. */
  private final class Refusing extends ForwardingStore {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile boolean takesRows = true;
    private volatile boolean takesDrops = true;

    Refusing() {
      super(fleet.store);
    }

    @Override
    public PublishAnswer publish(
        SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
      ask("publish", takesRows, key);
      return super.publish(key, fence, row, lifetime, floorLife);
    }

    @Override
    public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
      ask("drop", takesDrops, key);
      return super.drop(key, version, floorLife);
    }

    private void ask(String verb, boolean takes, SlotKey key) {
      asked.add(verb);
      if (!takes) {
        throw new RefusedException(key, "OOM", null);
      }
    }
  }

  @BeforeEach
  void cacheARow() {
    fleet.table.put("a", "old", 1);
    fleet.cache().get("a");
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void publish_storeTakesNoRow_dropsTheOldOne() {
    VersionedCache<String, String> cache = cache(options -> options);
    store.takesRows = false;

    WriteOutcome outcome = cache.publish("a", fleet.table.put("a", "new", 2));

    assertThat(outcome).isEqualTo(WriteOutcome.DROPPED);
    assertThat(store.asked).containsExactly("publish", "drop");
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertThat(fleet.cache().get("a")).hasValue("new");
  }

  @Test
  void update_storeTakesNoRow_dropsTheOldOne() {
    VersionedCache<String, String> cache = cache(options -> options);
    store.takesRows = false;

    WriteResult<String> result = cache.update("a", () -> fleet.table.put("a", "new", 2));

    assertThat(result.outcome()).isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.cache().get("a")).hasValue("new");
  }

  @Test
  void publish_storeTakesNothing_isUnknownWithoutAskingAgainAndRepairedLater() {
    VersionedCache<String, String> cache = cache(options -> options);
    store.takesRows = false;
    store.takesDrops = false;

    assertThat(cache.publish("a", fleet.table.put("a", "new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    store.takesRows = true;
    store.takesDrops = true;

    await().until(() -> cache.stats().repaired() == 1);
    assertThat(fleet.cache().get("a")).hasValue("new");
  }

  @Test
  void invalidate_storeTakesNothing_isUnknownWithoutAskingAgain() {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache = cache(options -> options.ticker(ticker));
    store.takesDrops = false;

    assertThat(cache.invalidate("a")).isEqualTo(WriteOutcome.UNKNOWN);
    assertThat(ticker.sleeps()).isEmpty();
  }

  @Test
  void publish_storeTakesNoRowAndReplicaLags_isDroppedAndTheReplicasRowIsNotTaken() {
    Table replica = new Table();
    replica.put("a", "newer than the entry", 2);
    VersionedCache<String, String> cache =
        cache(options -> options.replica(replica).replicaLag(LONG));
    store.takesRows = false;

    assertThat(cache.publish("a", fleet.table.put("a", "new", 3))).isEqualTo(WriteOutcome.DROPPED);
    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void repair_storeTakesNoRow_dropsTheOldOne() {
    VersionedCache<String, String> cache = cache(options -> options);
    store.takesRows = false;
    store.takesDrops = false;
    cache.publish("a", fleet.table.put("a", "new", 2));
    store.takesDrops = true;

    await().until(() -> cache.stats().repaired() == 1);
    assertThat(fleet.cache().get("a")).hasValue("new");
  }

  static List<LockProvider> refusingLocks() {
    return List.of(
        (key, deadline) -> {
          throw new RefusedException(key, "the locks are closed", null);
        },
        (key, deadline) -> {
          throw new IllegalStateException("the locks are closed");
        });
  }

  @ParameterizedTest
  @MethodSource("refusingLocks")
  void get_locksAreClosed_isRefusedAtOnce(LockProvider closed) {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> cache =
        cache(closed, options -> options.ticker(ticker).lockOutageWait(LONG));

    assertThatThrownBy(() -> cache.get("b"))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("test:b: ")
        .hasMessageEndingWith("the locks are closed");
    assertThat(asked).hasValue(1);
    assertThat(ticker.sleeps()).isEmpty();
    assertThat(cache.get("a")).as("a hit").hasValue("old");
  }

  @ParameterizedTest
  @MethodSource("refusingLocks")
  void get_locksAreClosed_loadsPastTheCacheWhereThePolicySaysSo(LockProvider closed) {
    VersionedCache<String, String> cache =
        cache(closed, options -> options.onFallback(FallbackPolicy.LOAD));
    fleet.table.put("b", "banana", 1);

    assertThat(cache.read("b").origin()).isEqualTo(Origin.SOURCE_FALLBACK);
  }

  @ParameterizedTest
  @MethodSource("refusingLocks")
  void get_locksAreClosed_servesTheExpiredValueWhereThePolicySaysSo(LockProvider closed) {
    UnaryOperator<CacheBuilder<String, String>> stale =
        options ->
            options
                .ttl(Duration.ofSeconds(1))
                .ttlJitter(0)
                .grace(LONG)
                .onFallback(FallbackPolicy.STALE);
    fleet.table.put("b", "banana", 1);
    fleet.cache(stale).get("b");
    fleet.pass(Duration.ofSeconds(2));

    assertThat(cache(closed, stale).read("b").origin()).isEqualTo(Origin.CACHE_STALE);
  }

  @ParameterizedTest
  @MethodSource("refusingLocks")
  void update_locksAreClosed_runsOnlyWhereTheRuleSaysSo(LockProvider closed) {
    VersionedCache<String, String> cache =
        cache(closed, options -> options.lockOutageWait(LONG).ticker(new ManualTicker()));
    AtomicInteger writes = new AtomicInteger();
    Write<String, RuntimeException> write =
        () -> {
          writes.incrementAndGet();
          return fleet.table.put("a", "new", 2);
        };

    assertThatThrownBy(() -> cache.update("a", write))
        .isInstanceOf(RefusedException.class)
        .hasMessageEndingWith("; the write did not run");
    assertThat(writes).hasValue(0);
    assertThat(cache.update("a", ClaimRule.BEST_EFFORT, write).outcome())
        .isEqualTo(WriteOutcome.STORED);
    assertThat(writes).hasValue(1);
  }

  /** The lock is there; only the words of the store tell why nothing could be claimed. */
  @Test
  void update_claimsAreNeverAnswered_saysWhy() {
    ForwardingStore silent =
        new ForwardingStore(fleet.store) {
          @Override
          public ClaimAnswer claim(
              SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
            throw new OutcomeUnknownException(key, "no answer", null);
          }
        };
    VersionedCache<String, String> cache =
        fleet.cache(silent, fleet.table, options -> options.ticker(new ManualTicker()));

    assertThatThrownBy(() -> cache.update("a", () -> Row.absent()))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("the write did not run")
        .hasRootCauseMessage("test:a: no answer");
  }

  @ParameterizedTest
  @MethodSource("policies")
  void get_executorIsShutDown_isUnavailableAtOnce(FallbackPolicy policy) {
    ExecutorService ended = Executors.newSingleThreadExecutor();
    ended.shutdown();
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.executor(ended).onFallback(policy).grace(LONG));

    assertThatThrownBy(() -> cache.get("b"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("the executor refused to run the load");
    assertThat(cache.get("a")).as("a hit").hasValue("old");
  }

  static FallbackPolicy[] policies() {
    return FallbackPolicy.values();
  }

  private VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(store, fleet.table, options);
  }

  private VersionedCache<String, String> cache(
      LockProvider closed, UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(
        fleet.store,
        (key, deadline) -> {
          asked.incrementAndGet();
          return closed.tryAcquire(key, deadline);
        },
        fleet.table,
        options);
  }
}
