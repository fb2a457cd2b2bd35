package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.Origin;
import io.tidemark.RefreshAhead;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.spi.Slot;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows that say themselves how long they are good, and absences that are not cached. */
class RowTtlTest {
  private static final Duration CACHES = Duration.ofMinutes(5);
  private static final Duration ROWS = Duration.ofSeconds(20);

  private final Fleet fleet = new Fleet();
  private final AtomicInteger loads = new AtomicInteger();
  private volatile Row<String> row = Row.present("token", 1, ROWS);
  private final VersionedCache<String, String> cache =
      fleet.cache(
          fleet.store,
          key -> {
            loads.incrementAndGet();
            return row;
          },
          options ->
              options
                  .ttl(CACHES)
                  .ttlJitter(0)
                  .grace(CACHES)
                  .negativeTtl(Duration.ZERO)
                  .ticker(new ManualTicker()));

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void read_rowWithATimeOfItsOwn_isServedForThat() {
    cache.get("a");
    fleet.pass(ROWS.minusMillis(1));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);

    fleet.pass(Duration.ofMillis(1));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
  }

  @Test
  void read_rowIsGoodForLongerThanOthers_isServedForThat() {
    row = Row.present("token", 1, CACHES.multipliedBy(2));
    cache.get("a");
    fleet.pass(CACHES.plusSeconds(1));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void read_rowsTimeIsOver_isNotKeptForBadTimes() {
    cache.get("a");
    fleet.pass(ROWS);

    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Empty.class);
  }

  @Test
  void read_rowIsGoodNoLonger_isServedAndNotCached() {
    row = Row.present("token", 1, Duration.ofSeconds(-1));

    assertThat(cache.get("a")).hasValue("token");
    assertThat(cache.get("a")).hasValue("token");
    assertThat(loads.get()).isEqualTo(2);
    assertThat(cache.stats().uncacheable()).isZero();
  }

  @Test
  void read_rowIsGoodForEver_isCached() {
    row = Row.present("token", 1, Duration.ofSeconds(Long.MAX_VALUE));
    cache.get("a");
    fleet.pass(Duration.ofDays(3_000));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void update_rowWithATimeOfItsOwn_isServedForThat() {
    assertThat(cache.update("a", () -> row).outcome()).isEqualTo(WriteOutcome.STORED);
    fleet.pass(ROWS.minusMillis(1));
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    fleet.pass(Duration.ofMillis(1));

    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
  }

  @Test
  void publish_rowIsGoodNoLonger_dropsTheOlderEntry() {
    cache.get("a");

    assertThat(cache.publish("a", Row.present("new", 2, Duration.ZERO)))
        .isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Empty.class);
  }

  @Test
  void publish_olderRowIsGoodNoLonger_leavesTheNewerEntry() {
    row = Row.present("token", 5);
    cache.get("a");

    assertThat(cache.publish("a", Row.present("old", 2, Duration.ZERO)))
        .isEqualTo(WriteOutcome.SUPERSEDED);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void read_absenceIsNotToBeCached_asksEachTime() {
    row = Row.absent();

    assertThat(cache.read("a").value()).isEmpty();
    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(loads.get()).isEqualTo(2);
    row = Row.present("apple", 1);
    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void publish_absenceIsNotToBeCached_drops() {
    row = Row.present("apple", 1);
    cache.get("a");

    assertThat(cache.publish("a", Row.deleted(2))).isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Empty.class);
  }

  @Test
  void publish_rowThatIsNotKept_leavesItsVersionWhileAReplicaMayLag() {
    VersionedCache<String, String> lagging =
        fleet.cache(
            options ->
                options
                    .negativeTtl(Duration.ZERO)
                    .replica(new Table())
                    .replicaLag(Duration.ofMinutes(1)));
    lagging.publish("a", Row.present("token", 2, Duration.ZERO));
    lagging.publish("b", Row.deleted(3));

    assertThat(((Slot.Pending) fleet.store.read(slotKey("a"))).floor()).isEqualTo(2);
    assertThat(((Slot.Pending) fleet.store.read(slotKey("b"))).floor()).isEqualTo(3);
  }

  @Test
  void read_refreshAheadOfARowWithATimeOfItsOwn_isAtThatPartOfItAndOnceASecondAtMost() {
    ManualTicker ticker = new ManualTicker();
    Events events = new Events();
    VersionedCache<String, String> eager =
        fleet.cache(
            fleet.store,
            key -> row,
            options ->
                options
                    .ttl(CACHES)
                    .ttlJitter(0)
                    .refreshAhead(RefreshAhead.afterFraction(0.5))
                    .ticker(ticker)
                    // Each try is over when its hit is.
                    .executor(Runnable::run)
                    .listener(events));
    eager.get("a");
    fleet.pass(ROWS.dividedBy(2).minusMillis(1));
    eager.get("a");
    assertThat(events.count(Kind.LOAD)).isEqualTo(1);

    fleet.pass(Duration.ofMillis(1));
    row = Row.present("token", 1, Duration.ofSeconds(1));
    eager.get("a");
    assertThat(events.count(Kind.REFRESH_STORED)).isEqualTo(1);
    fleet.pass(Duration.ofMillis(900));
    for (int i = 0; i < 20; i++) {
      eager.get("a");
    }
    assertThat(events.count(Kind.LOAD)).isEqualTo(2);

    ticker.pass(Duration.ofSeconds(1));
    eager.get("a");
    assertThat(events.count(Kind.REFRESH_STORED)).isEqualTo(2);
  }

  @Test
  void refresh_rowIsGoneAndAbsenceIsNotToBeCached_drops() {
    row = Row.present("apple", 1);
    cache.get("a");
    row = Row.absent();

    assertThat(cache.refresh("a").value()).isEmpty();
    assertThat(cache.read("a").value()).isEmpty();
    assertThat(loads.get()).isEqualTo(3);
  }
}
