package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.DeadlineExceededException;
import io.tidemark.Origin;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Slot;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A source that says less than it said before: a restored database, a row that was deleted and
 * inserted again, a version that was published once in a wrong unit.
 */
class FallenVersionTest {
  private static final Duration LAG = Duration.ofSeconds(60);

  private final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void invalidate_sourceHasGoneBack_nextReadIsCached() {
    VersionedCache<String, String> cache = fleet.cache();
    fleet.table.put("a", "before", 1_000);
    cache.get("a");
    fleet.table.put("a", "restored", 900);

    cache.invalidate("a");

    assertThat(cache.get("a")).hasValue("restored");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void publish_versionInAWrongUnitOnce_nextReadIsCached() {
    VersionedCache<String, String> cache = fleet.cache();
    fleet.table.put("a", "right", 1_700_000_000_000_000L);

    cache.publish("a", Row.present("wrong", 1_700_000_000_000_000_000L));

    assertThat(cache.get("a")).hasValue("right");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void update_insertsARowAgain_storedAndServed() {
    VersionedCache<String, String> cache = fleet.cache();
    fleet.table.put("a", "before", 57);
    cache.get("a");
    cache.update("a", Row::absent);

    WriteResult<String> inserted = cache.update("a", () -> fleet.table.put("a", "again", 0));

    assertThat(inserted.outcome()).isEqualTo(WriteOutcome.STORED);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.get("a")).hasValue("again");
  }

  @Test
  void read_valueExpiredAboveTheSource_replacedByTheNextRead() {
    Duration ttl = Duration.ofSeconds(10);
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.ttl(ttl).ttlJitter(0).grace(Duration.ofHours(1)));
    fleet.table.put("a", "before", 1_000);
    cache.get("a");
    fleet.table.put("a", "restored", 900);
    fleet.storeNanos.addAndGet(ttl.toNanos());

    assertThat(cache.get("a")).hasValue("restored");
    assertThat(fleet.table.loads()).as("one for each read").isEqualTo(2);
    assertThat(cache.get("a")).hasValue("restored");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  /** However often it is read, invalidated and claimed meanwhile. */
  @Test
  void read_floorAboveTheSourceWithAReplica_cachedOnceTheLagIsOver() {
    VersionedCache<String, String> cache = lagging();
    fleet.table.put("a", "right", 5);
    cache.publish("a", Row.present("wrong", 5_000));
    for (int seconds = 0; seconds < 60; seconds += 10) {
      assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
      cache.invalidate("a");
      fleet.storeNanos.addAndGet(Duration.ofSeconds(10).toNanos());
    }

    assertThat(cache.get("a")).hasValue("right");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void read_floorAboveTheSourceWithAReplica_saysForHowLong() {
    VersionedCache<String, String> cache = lagging();
    fleet.table.put("a", "right", 5);
    cache.publish("a", Row.present("wrong", 5_000));
    try (LogCapture log = new LogCapture()) {
      cache.get("a");

      assertThat(log.lines())
          .containsExactly(
              "WARN test:a: the source gave version 5, which is below the slot's floor; not cached until"
                  + " the floor ends, PT1M after the write or the drop that made it");
    }
  }

  @Test
  void update_belowAFloorWithAReplica_droppedWithoutAnError() {
    VersionedCache<String, String> cache = lagging();
    cache.publish("a", Row.present("wrong", 5_000));

    WriteResult<String> written = cache.update("a", () -> fleet.table.put("a", "right", 6));

    assertThat(written.outcome()).isEqualTo(WriteOutcome.DROPPED);
    assertThat(cache.get("a")).hasValue("right");
    fleet.storeNanos.addAndGet(LAG.toNanos());
    cache.get("a");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void call_claimOfALaterFence_namesItsHolder() {
    VersionedCache<String, String> cache =
        fleet.cache(options -> options.waitLimit(Duration.ofMillis(50)).ticker(new ManualTicker()));
    fleet
        .store
        .as("node-7")
        .claim(slotKey("a"), Long.MAX_VALUE, ClaimMode.UNLESS_PRESENT, LAG, Duration.ZERO);

    String holder = "; its claim is held by node-7, since 1970-01-01T00:00:00Z";
    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage("test:a: no claim could be made for PT0.05S" + holder);
    assertThatThrownBy(() -> cache.update("a", () -> Row.present("new", 1)))
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage(
            "test:a: no claim could be made for PT0.05S" + holder + "; the write did not run");
  }

  @Test
  void read_claimOfALaterFenceThatHasEnded_loads() {
    fleet.table.put("a", "apple", 5);
    fleet.store.claim(slotKey("a"), Long.MAX_VALUE, ClaimMode.UNLESS_PRESENT, LAG, Duration.ZERO);
    fleet.storeNanos.addAndGet(LAG.toNanos());

    assertThat(fleet.cache().get("a")).hasValue("apple");
    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Value.class);
  }

  private VersionedCache<String, String> lagging() {
    return fleet.cache(options -> options.replica(fleet.table).replicaLag(LAG));
  }
}
