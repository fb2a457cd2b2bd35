package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.CacheEvent;
import io.tidemark.CallOptions;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.RecursiveLoadException;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.LockAttempt;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RefreshTest {
  private final Fleet fleet = new Fleet();
  private final VersionedCache<String, String> cache = fleet.cache();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void refresh_entryIsOlder_replacesIt() {
    fleet.table.put("a", "old", 1);
    cache.get("a");
    fleet.table.put("a", "new", 2);

    ReadResult<String> result = cache.refresh("a");

    assertThat(result.value()).hasValue("new");
    assertThat(result.version()).isEqualTo(OptionalLong.of(2));
    assertThat(result.origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(result.fill()).hasValue(FillAnswer.STORED);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void refresh_noEntry_loadsIt() {
    fleet.table.put("a", "apple", 1);

    assertThat(cache.refresh("a").fill()).hasValue(FillAnswer.STORED);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void refresh_noEntryAndAReplica_asksTheSource() {
    Table replica = new Table();
    replica.put("a", "old", 1);
    fleet.table.put("a", "new", 2);
    VersionedCache<String, String> replicated =
        fleet.cache(options -> options.replica(replica).replicaLag(Duration.ofSeconds(60)));

    assertThat(replicated.refresh("a").value()).hasValue("new");
  }

  @Test
  void refresh_rowUnchanged_beginsANewLife() {
    VersionedCache<String, String> steady =
        fleet.cache(options -> options.ttl(Duration.ofSeconds(10)).ttlJitter(0));
    fleet.table.put("a", "apple", 1);
    steady.get("a");
    fleet.pass(Duration.ofSeconds(9));
    steady.refresh("a");
    fleet.pass(Duration.ofSeconds(9));

    assertThat(steady.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void refresh_rowIsGone_cachesTheAbsence() {
    fleet.table.put("a", "apple", 1);
    cache.get("a");
    fleet.table.delete("a");

    assertThat(cache.refresh("a").value()).isEmpty();
    assertThat(cache.read("a").value()).isEmpty();
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void refresh_absentRowIsThereNow_cachesIt() {
    cache.get("a");
    fleet.table.put("a", "apple", 1);

    assertThat(cache.refresh("a").value()).hasValue("apple");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void refresh_otherValueUnderTheSameVersion_cachesWhatTheSourceSays() {
    fleet.table.put("a", "old", 1);
    cache.get("a");
    fleet.table.put("a", "new", 1);

    assertThat(cache.refresh("a").value()).hasValue("new");
    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void refresh_entryIsNewer_leavesItAndTellsWhatTheSourceSays() {
    cache.publish("a", Row.present("new", 2));
    fleet.table.put("a", "new", 2);
    cache.get("a");
    fleet.table.put("a", "old", 1);

    ReadResult<String> result = cache.refresh("a");

    assertThat(result.value()).hasValue("old");
    assertThat(result.fill()).hasValue(FillAnswer.REFUSED);
    assertThat(cache.get("a")).hasValue("new");
  }

  @Test
  void refresh_sourceFails_leavesTheEntry() {
    fleet.table.put("a", "apple", 1);
    cache.get("a");
    VersionedCache<String, String> broken =
        fleet.cacheOf(
            key -> {
              throw new IllegalStateException("no connection");
            });

    assertThatThrownBy(() -> broken.refresh("a")).isInstanceOf(LoadFailedException.class);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void refresh_storeAwayAndFallbackLoad_failsAllTheSame() {
    StoreSwitch link = new StoreSwitch(fleet.store);
    VersionedCache<String, String> cutOff =
        fleet.cache(link, fleet.table, options -> options.onFallback(FallbackPolicy.LOAD));
    link.cut();

    assertThatThrownBy(() -> cutOff.refresh("a")).isInstanceOf(UnavailableException.class);
  }

  @Test
  void refresh_duringAnotherWhoseRowIsNotStored_loadsAgain() throws Exception {
    assertThatASecondRefreshLoadsAgain(() -> fleet.store.evict(slotKey("a")));
  }

  @Test
  void refresh_duringAnotherWhoseRowIsStored_loadsAgain() throws Exception {
    assertThatASecondRefreshLoadsAgain(() -> {});
  }

  private void assertThatASecondRefreshLoadsAgain(Runnable beforeTheFirstEnds) throws Exception {
    Gate gate = new Gate();
    AtomicInteger loads = new AtomicInteger();
    VersionedCache<String, String> loading =
        fleet.cacheOf(
            key -> {
              Row<String> row = fleet.table.load(key);
              if (loads.incrementAndGet() == 1) {
                gate.pass();
              }
              return row;
            });
    fleet.table.put("a", "old", 1);
    Future<ReadResult<String>> first = fleet.call(() -> loading.refresh("a"));
    gate.awaitReached();
    fleet.table.put("a", "new", 2);
    Future<ReadResult<String>> second = fleet.callThatWaits(() -> loading.refresh("a"));
    beforeTheFirstEnds.run();
    gate.open();

    assertThat(second.get().value()).hasValue("new");
    first.get();
    assertThat(cache.get("a")).hasValue("new");
  }

  /** Each caller has its own deadline, as with reads. */
  @Test
  void refresh_joinedTheLoadOfAHastierCaller_goesOnAfterThatHasFailed() throws Exception {
    fleet.table.put("a", "apple", 1);
    Events events = new Events();
    VersionedCache<String, String> patient = fleet.cache(options -> options.listener(events));
    VersionedCache<String, String> hasty =
        patient.with(CallOptions.none().deadline(Duration.ofMillis(300)));
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(PATIENCE));
    Future<?> first = fleet.call(() -> hasty.refresh("a"));
    await().until(() -> events.count(CacheEvent.Kind.LOCK_WAIT) == 1);
    Future<ReadResult<String>> second = fleet.callThatWaits(() -> patient.refresh("a"));
    assertThatThrownBy(first::get).hasCauseInstanceOf(DeadlineExceededException.class);
    ((LockAttempt.Acquired) held).handle().close();

    assertThat(second.get().value()).hasValue("apple");
  }

  @Test
  void refresh_ownKeyWithinItsWrite_isAnErrorNotADeadlock() {
    assertThatThrownBy(() -> cache.update("a", () -> Row.present(cache.refresh("a").toString(), 1)))
        .isInstanceOf(RecursiveLoadException.class);
  }

  @Test
  void refresh_whileAReadIsUnderWay_readsTheSourceItself() throws Exception {
    fleet.table.put("a", "old", 1);
    cache.get("a");
    fleet.table.put("a", "new", 2);

    assertThat(cache.read("a").value()).hasValue("old");
    assertThat(cache.refresh("a").value()).hasValue("new");
    assertThat(fleet.table.loads()).isEqualTo(2);
  }
}
