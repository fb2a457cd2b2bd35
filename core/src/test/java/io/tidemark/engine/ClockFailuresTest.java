package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.LoadFailedException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A clock that throws in the background: what it is asked for goes on, or ends, all the same. */
class ClockFailuresTest {
  private final Fleet fleet = new Fleet();
  private final Events events = new Events();
  private final Gate gate = new Gate();
  private final FailingTicker ticker = new FailingTicker();

  @AfterEach
  void close() {
    ticker.failing = thread -> false;
    gate.open();
    fleet.close();
  }

  /** Fails for some threads, and ends no wait early. */
  private static final class FailingTicker implements Ticker {
    private final PatientTicker clock = new PatientTicker();
    private volatile Predicate<String> failing = thread -> false;
    private final AtomicInteger failures = new AtomicInteger();

    @Override
    public long nanos() {
      if (failing.test(Thread.currentThread().getName())) {
        failures.incrementAndGet();
        throw new InternalError("no clock");
      }
      return clock.nanos();
    }

    @Override
    public <T> T await(CompletableFuture<T> future, long nanos)
        throws InterruptedException, ExecutionException, TimeoutException {
      return clock.await(future, nanos);
    }

    void failOnce(String threads) {
      AtomicInteger left = new AtomicInteger(1);
      failing = thread -> thread.contains(threads) && left.getAndDecrement() > 0;
    }
  }

  private static Throwable failure(Future<?> result) throws Exception {
    try {
      return new AssertionError(
          "no failure: " + result.get(PATIENCE.toSeconds() / 2, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    }
  }

  @Test
  void read_failsAsAThreadComesForTheLoad_failsAtOnceAndTheNextOneLoads() throws Exception {
    fleet.table.put("a", "apple", 1);
    VersionedCache<String, String> cache = fleet.cache(options -> options.ticker(ticker));
    ticker.failOnce("-load-");

    assertThat(failure(fleet.call(() -> cache.get("a")))).isInstanceOf(InternalError.class);
    assertThat(cache.get("a")).hasValue("apple");
  }

  /** Each of the moments at which the load's thread looks at the clock. */
  @Test
  void read_failsAtAnyMomentOfTheLoad_lockIsGivenBack() throws Exception {
    VersionedCache<String, String> cache = fleet.cache(options -> options.ticker(ticker));
    for (int before = 0; isReached(before, cache); before++) {
      String key = "key" + before;
      ticker.failing = thread -> false;
      fleet.table.put(key, "apple", 1);
      assertThat(fleet.call(() -> cache.get(key)).get(PATIENCE.toSeconds() / 2, TimeUnit.SECONDS))
          .as("after failure %d", before)
          .hasValue("apple");
    }
  }

  private boolean isReached(int before, VersionedCache<String, String> cache) throws Exception {
    AtomicInteger looks = new AtomicInteger();
    ticker.failing = thread -> thread.contains("-load-") && looks.getAndIncrement() == before;
    int failures = ticker.failures.get();
    fleet.table.put("key" + before, "apple", 1);
    try {
      fleet.call(() -> cache.get("key" + before)).get(PATIENCE.toSeconds() / 2, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      // It may be told.
    }
    return ticker.failures.get() > failures;
  }

  @Test
  void load_failsAsItIsGivenUp_isGivenUpAllTheSame() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .replica(gate.before(Row.present("apple", 1)))
                    .replicaLag(Duration.ofMillis(1))
                    .claimLife(Duration.ofMillis(30))
                    .maxLoadTime(Duration.ofMillis(50))
                    .ticker(ticker)
                    .listener(events));
    fleet.table.put("a", "apple", 1);
    Future<?> reading = fleet.call(() -> cache.get("a"));
    gate.awaitReached();
    ticker.failing = thread -> isGivingUp();
    ticker.clock.pass(Duration.ofSeconds(1));

    assertThat(failure(reading)).isInstanceOf(LoadFailedException.class);
    await().until(() -> events.count(Kind.GIVEN_UP_LOAD_ENDED) == 1);
    assertThat(events.count(Kind.LOAD_GIVEN_UP)).isEqualTo(1);
    assertThat(ticker.failures.get()).isPositive();
    gate.open();
    assertThat(cache.get("a")).hasValue("apple");
  }

  private static boolean isGivingUp() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames.anyMatch(
                    frame ->
                        frame.getClassName().startsWith(Watch.class.getName())
                            && frame.getMethodName().equals("giveUp")));
  }

  @Test
  void renewal_failsAtOneTurn_claimIsRenewedAllTheSame() throws Exception {
    RenewalCounter store = new RenewalCounter(fleet.store);
    VersionedCache<String, String> cache =
        fleet.cache(
            store, fleet.table, options -> options.claimLife(Duration.ofMillis(30)).ticker(ticker));
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
    ticker.failOnce("-timer");
    await().until(() -> ticker.failures.get() == 1);
    store.awaitMore(2);
    gate.open();

    assertThat(writing.get().outcome()).isEqualTo(WriteOutcome.STORED);
  }

  @Test
  void publish_failsFromTheStoreOn_rowIsRepairedAllTheSame() {
    fleet.table.put("a", "old", 1);
    AtomicInteger published = new AtomicInteger();
    StoreSwitch link = new StoreSwitch(fleet.store);
    VersionedCache<String, String> cache =
        fleet.cache(
            new ForwardingStore(link) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
                if (published.getAndIncrement() == 0) {
                  ticker.failing = thread -> true;
                }
                return super.publish(key, fence, row, lifetime, floorLife);
              }

              @Override
              public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
                return link.drop(key, version, floorLife);
              }
            },
            fleet.table,
            options -> options.ticker(ticker));
    cache.get("a");
    link.cut();

    assertThatThrownBy(() -> cache.publish("a", fleet.table.put("a", "new", 2)))
        .isInstanceOf(InternalError.class);
    ticker.failing = thread -> false;
    link.connect();

    await().until(() -> cache.stats().repaired() == 1);
    assertThat(cache.get("a")).hasValue("new");
    assertThat(fleet.store.read(slotKey("a")).isHit()).isTrue();
  }

  @Test
  void publishAll_failsAtAnyMoment_nothingOldStays() {
    VersionedCache<String, String> cache = fleet.cache(options -> options.ticker(ticker));
    VersionedCache<String, String> other = fleet.cache();
    long version = 0;
    boolean failed = true;
    for (int look = 0; failed; look++) {
      fleet.table.put("a", "old", ++version);
      fleet.table.put("b", "old", version);
      other.refresh("a");
      other.refresh("b");
      Map<String, Row<String>> rows =
          Map.of(
              "a", fleet.table.put("a", "new", ++version),
              "b", fleet.table.put("b", "new", version));
      int failures = ticker.failures.get();
      AtomicInteger left = new AtomicInteger(look);
      String caller = Thread.currentThread().getName();
      ticker.failing = thread -> thread.equals(caller) && left.getAndDecrement() == 0;
      Throwable thrown = catchThrowable(() -> cache.publishAll(rows));
      ticker.failing = thread -> false;
      failed = ticker.failures.get() > failures;

      assertThat(other.get("a")).as("after failure %d: %s", look, thrown).hasValue("new");
      assertThat(other.get("b")).as("after failure %d: %s", look, thrown).hasValue("new");
    }
    assertThat(ticker.failures).hasValueGreaterThan(2);
  }
}
