package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheBuilder;
import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheListener;
import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.ReadResult;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What listeners are told, and that they can do no harm. */
class CacheListenerTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Fleet fleet = new Fleet();
  private final Events events = new Events();
  private final ManualTicker ticker = new ManualTicker();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void read_cold_tellsOfMissLockLoadFillAndRelease() {
    VersionedCache<String, String> cache =
        cache(
            fleet.store,
            key -> {
              ticker.pass(SECOND);
              return Row.present("apple", 1);
            },
            options -> options);
    cache.get("a");

    assertThat(events.kinds())
        .containsExactly(
            Kind.MISS,
            Kind.LOCK_ACQUIRED,
            Kind.LOAD,
            Kind.LOADED,
            Kind.FILL_STORED,
            Kind.LOCK_RELEASED,
            Kind.READ_BY_LOAD);
    assertThat(took(Kind.LOADED)).isEqualTo(SECOND);
    assertThat(took(Kind.LOCK_RELEASED)).isEqualTo(SECOND);
    assertThat(took(Kind.READ_BY_LOAD)).isEqualTo(SECOND);
    assertThat(took(Kind.LOAD)).isZero();
    assertThat(events.all())
        .allMatch(event -> event.key().equals(slotKey("a")) && event.failure() == null);
  }

  @Test
  void read_hit_tellsOfThatOnly() {
    fleet.cache().get("a");
    cache(options -> options).get("a");

    assertThat(events.kinds()).containsExactly(Kind.READ_FROM_CACHE);
  }

  @Test
  void read_afterAnotherHolder_tellsHowLongItWaited() throws Exception {
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    LockProvider locks =
        (key, deadline) ->
            fleet.locks.tryAcquire(key, deadline) instanceof LockAttempt.Held
                ? new LockAttempt.Held(
                    until -> {
                      ticker.pass(SECOND);
                      fleet.cache().publish("a", Row.absent());
                      ((LockAttempt.Acquired) held).handle().close();
                      fleet.cache().get("a");
                      return true;
                    })
                : fleet.locks.tryAcquire(key, deadline);
    fleet
        .cache(fleet.store, locks, fleet.table, options -> options.ticker(ticker).listener(events))
        .get("a");

    assertThat(events.kinds())
        .containsExactly(Kind.MISS, Kind.LOCK_WAIT, Kind.LOCK_WAITED, Kind.READ_AFTER_WAIT);
    assertThat(took(Kind.LOCK_WAITED)).isEqualTo(SECOND);
    assertThat(took(Kind.READ_AFTER_WAIT)).isEqualTo(SECOND);
  }

  @Test
  void read_fails_tellsWhy() {
    VersionedCache<String, String> cache =
        cache(
            fleet.store,
            key -> {
              ticker.pass(SECOND);
              throw new IllegalStateException("database on fire");
            },
            options -> options);
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(LoadFailedException.class);

    assertThat(events.kinds())
        .containsExactly(
            Kind.MISS,
            Kind.LOCK_ACQUIRED,
            Kind.LOAD,
            Kind.LOAD_FAILED,
            Kind.LOCK_RELEASED,
            Kind.READ_FAILED);
    assertThat(took(Kind.LOAD_FAILED)).isEqualTo(SECOND);
    assertThat(events.of(Kind.LOAD_FAILED).get(0).failure())
        .isInstanceOf(LoadFailedException.class);
    assertThat(events.of(Kind.READ_FAILED).get(0).failure())
        .isInstanceOf(LoadFailedException.class);
  }

  @Test
  void refresh_fails_tellsWhy() {
    VersionedCache<String, String> cache =
        cache(
            fleet.store,
            key -> {
              ticker.pass(SECOND);
              throw new IllegalStateException("database on fire");
            },
            options -> options);
    assertThatThrownBy(() -> cache.refresh("a")).isInstanceOf(LoadFailedException.class);

    assertThat(events.kinds()).endsWith(Kind.READ_FAILED);
    assertThat(took(Kind.READ_FAILED)).isEqualTo(SECOND);
  }

  @Test
  void calls_everyWay_tellOfTheirEnds() throws Exception {
    VersionedCache<String, String> cache =
        fleet.cache(
            options ->
                options
                    .waitLimit(Duration.ofMillis(20))
                    .ticker(ticker)
                    .listener(ticker.passingInWaitsForLocks(Duration.ofMillis(20)))
                    .grace(SECOND)
                    .ttlJitter(0)
                    .listener(events));
    cache.publish("published", Row.present("v", 1));
    cache.update("updated", () -> Row.present("v", 1));
    cache.publish("updated", Row.present("v", 1));
    cache.publish("updated", Row.present("older", 0));
    fleet.table.put("updated", "newer", 2);
    cache.refresh("updated");
    fleet.table.put("updated", "older", 1);
    cache.refresh("updated");
    fleet.table.delete("updated");
    cache.refresh("updated");
    fleet.table.put("published", "v", 0);
    cache.get("published");
    fleet.store.damage(slotKey("damaged"));
    cache.get("damaged");
    fleet.table.put("uncacheable", "?", 1);
    cache.get("uncacheable");
    assertThat(fleet.locks.tryAcquire(slotKey("locked"), Deadline.after(PATIENCE)))
        .isInstanceOf(LockAttempt.Acquired.class);
    assertThatThrownBy(() -> cache.get("locked")).isInstanceOf(DeadlineExceededException.class);
    cache.with(CallOptions.none().onFallback(FallbackPolicy.LOAD)).get("locked");
    fleet.table.put("stale", "v", 1);
    cache.get("stale");
    fleet.pass(Duration.ofMinutes(5));
    assertThat(fleet.locks.tryAcquire(slotKey("stale"), Deadline.after(PATIENCE)))
        .isInstanceOf(LockAttempt.Acquired.class);
    cache.with(CallOptions.none().onFallback(FallbackPolicy.STALE)).get("stale");
    cache.switchTo(Rollout.bypass());
    cache.get("bypassed");

    Set<Kind> elsewhere =
        EnumSet.of(
            Kind.READ_FROM_CACHE,
            Kind.READ_AFTER_WAIT,
            Kind.LOAD_FAILED,
            Kind.LOAD_GIVEN_UP,
            Kind.GIVEN_UP_LOAD_ENDED,
            Kind.FILL_BEHIND,
            Kind.FILL_REFUSED,
            Kind.FILL_LOST,
            Kind.REFRESH_REFUSED,
            Kind.CLAIM_OUTLIVED,
            Kind.PUBLISH_UNKNOWN,
            Kind.REPAIRED,
            Kind.REPAIR_ABANDONED);
    assertThat(EnumSet.copyOf(events.kinds()))
        .isEqualTo(EnumSet.complementOf(EnumSet.copyOf(elsewhere)));
  }

  @Test
  void fill_refusedOrLost_isTold() {
    AtomicInteger fills = new AtomicInteger();
    VersionedCache<String, String> cache =
        cache(
            new ForwardingStore(fleet.store) {
              @Override
              public FillAnswer fill(
                  SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
                return switch (fills.incrementAndGet()) {
                  case 1 -> FillAnswer.REFUSED;
                  case 2 -> throw new OutcomeUnknownException(key, "reply lost", null);
                  default -> super.fill(key, fence, row, rule, lifetime);
                };
              }
            },
            fleet.table,
            options -> options);
    cache.get("a");

    assertThat(events.kinds())
        .containsSubsequence(Kind.FILL_REFUSED, Kind.FILL_LOST, Kind.FILL_STORED);
    assertThat(events.of(Kind.FILL_LOST).get(0).failure())
        .isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void refresh_entryIsGoneMeanwhile_isToldAsRefused() {
    fleet.table.put("a", "apple", 1);
    fleet.cache().get("a");
    VersionedCache<String, String> cache =
        cache(
            fleet.store,
            key -> {
              fleet.store.evict(slotKey(key));
              return fleet.table.load(key);
            },
            options -> options);
    cache.refresh("a");

    assertThat(events.kinds()).contains(Kind.REFRESH_REFUSED);
  }

  @Test
  void write_storeDoesNotAnswer_isToldAndSoIsItsRepair() {
    StoreSwitch link = new StoreSwitch(fleet.store);
    VersionedCache<String, String> cache =
        cache(link, fleet.table, options -> options.deadline(Duration.ofMillis(5)));
    link.cut();
    assertThat(cache.publish("a", Row.present("apple", 1))).isEqualTo(WriteOutcome.UNKNOWN);
    link.connect();

    await().until(() -> events.count(Kind.REPAIRED) == 1);
    assertThat(events.of(Kind.PUBLISH_UNKNOWN).get(0).failure())
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void claim_ofAnother_isNoLockEvent() {
    fleet.store.claim(slotKey("b"), Long.MAX_VALUE, ClaimMode.UNLESS_PRESENT, SECOND, SECOND);
    cache(options -> options).get("a");

    assertThat(events.all()).noneMatch(event -> event.key().equals(slotKey("b")));
  }

  @Test
  void listener_throws_changesNothingAndIsLoggedOnceASecond() {
    try (LogCapture log = new LogCapture()) {
      VersionedCache<String, String> cache =
          cache(
              options ->
                  options.listener(
                      event -> {
                        throw new IllegalStateException("no metrics");
                      }));
      fleet.table.put("a", "apple", 1);
      for (int i = 0; i < 100; i++) {
        assertThat(cache.get("a")).hasValue("apple");
      }
      assertThat(cache.update("a", () -> Row.present("pear", 2)).outcome())
          .isEqualTo(WriteOutcome.STORED);

      assertThat(log.lines()).containsExactly("WARN test:a: a listener threw at MISS");
      ticker.pass(SECOND);
      cache.get("a");
      assertThat(log.lines()).hasSize(2);
    }
  }

  @Test
  void logAndMessage_ofAKeyWithALineBreak_areOneLine() {
    try (LogCapture log = new LogCapture()) {
      VersionedCache<String, String> cache =
          fleet.cache(
              fleet.store,
              Fleet.NO_LOCKS,
              fleet.table,
              options ->
                  options.listener(
                      event -> {
                        throw new IllegalStateException("no metrics");
                      }));

      assertThatThrownBy(() -> cache.get("1\n12:00:00 ERROR forged"))
          .hasMessageStartingWith("test:1\\n12:00:00 ERROR forged: ");
      assertThat(cache.explain("1\n12:00:00 ERROR forged").toString())
          .startsWith("test:1\\n12:00:00 ERROR forged\n");
      assertThat(log.lines())
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line).doesNotContain("\n"));
    }
  }

  /** As a metrics library of another version would. */
  @Test
  void listener_throwsAnError_changesNothing() {
    VersionedCache<String, String> cache =
        cache(
            options ->
                options.listener(
                    event -> {
                      throw new NoSuchMethodError("Counter.increment");
                    }));
    fleet.table.put("a", "apple", 1);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.get("a")).hasValue("apple");
  }

  @Test
  void listener_throwsWhenTheCacheIsBuilt_changesNothing() {
    CacheListener broken =
        new CacheListener() {
          @Override
          public void on(CacheEvent event) {}

          @Override
          public void onBuilt(String cache) {
            throw new IllegalStateException("no metrics");
          }
        };
    VersionedCache<String, String> cache = cache(options -> options.listener(broken));

    assertThat(cache.get("a")).isEmpty();
  }

  @Test
  void listeners_several_areAllTold() throws Exception {
    Events other = new Events();
    VersionedCache<String, String> cache = cache(options -> options.listener(other));
    Future<ReadResult<String>> read = fleet.call(() -> cache.read("a"));
    read.get();

    assertThat(other.kinds()).isEqualTo(events.kinds()).isNotEmpty();
  }

  private Duration took(Kind kind) {
    CacheEvent event = Objects.requireNonNull(events.of(kind).get(0));
    return event.took();
  }

  private VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return cache(fleet.store, fleet.table, options);
  }

  private VersionedCache<String, String> cache(
      SlotStore store,
      Source<String, String> source,
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(
        store, source, builder -> options.apply(builder.ticker(ticker).listener(events)));
  }
}
