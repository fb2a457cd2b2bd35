package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.BadValueException;
import io.tidemark.CacheBuilder;
import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent;
import io.tidemark.CallOptions;
import io.tidemark.Codec;
import io.tidemark.CodecException;
import io.tidemark.Origin;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UnavailableException;
import io.tidemark.UncacheablePolicy;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WarmReport;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values that cannot be encoded and read back, or are too large. {@code ?} cannot be decoded. */
class UncacheableTest {
  private static final String CANNOT_BE_READ =
      "the value cannot be encoded and read back: java.lang.IllegalStateException";

  private final Fleet fleet = new Fleet();
  private final AtomicInteger locksTaken = new AtomicInteger();
  private final LockProvider locks =
      (key, deadline) -> {
        LockAttempt attempt = fleet.locks.tryAcquire(key, deadline);
        locksTaken.incrementAndGet();
        return attempt;
      };
  private final VersionedCache<String, String> cache = cache(options -> options);

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void read_cannotBeReadBack_isServedAndNotCached() {
    fleet.table.put("a", "?", 1);

    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(cache.get("a")).hasValue("?");
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertThat(cache.stats().stored()).isZero();
    assertThat(cache.stats().damaged()).isZero();
  }

  @Test
  void read_hasNoEncoding_isServedAndNotCached() {
    fleet.table.put("a", "!", 1);

    assertThat(cache.get("a")).hasValue("!");
    assertThat(cache.get("a")).hasValue("!");
    assertThat(cache.stats().uncacheable()).isEqualTo(2);
  }

  @Test
  void read_tooLarge_isServedAndNotCached() {
    VersionedCache<String, String> small = cache(options -> options.maxValueBytes(4));
    fleet.table.put("a", "apple", 1);

    assertThat(small.get("a")).hasValue("apple");
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertThat(small.explain("a").verdict())
        .isEqualTo(
            "Nothing is cached, because what the source gives cannot be cached: the value has 5"
                + " bytes; maxValueBytes is 4. The next reader asks the source.");
  }

  @Test
  void read_again_takesNoLock() {
    fleet.table.put("a", "?", 1);
    cache.get("a");
    int before = locksTaken.get();

    assertThat(before).isEqualTo(1);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_FALLBACK);
    assertThat(locksTaken.get()).isEqualTo(before);
  }

  @Test
  void read_valueCanBeCachedAgain_isCachedAtTheNextRead() {
    fleet.table.put("a", "?", 1);
    cache.get("a");
    fleet.table.put("a", "apple", 2);

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void read_policyIsToFail_throwsWithTheReason() {
    VersionedCache<String, String> strict =
        cache(options -> options.onUncacheable(UncacheablePolicy.FAIL).maxValueBytes(4));
    fleet.table.put("a", "?", 1);
    fleet.table.put("b", "apple", 1);

    assertThatThrownBy(() -> strict.get("a"))
        .isInstanceOf(CodecException.class)
        .hasMessage("test:a: " + CANNOT_BE_READ)
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> strict.get("b"))
        .isInstanceOf(CodecException.class)
        .hasMessage("test:b: the value has 5 bytes; maxValueBytes is 4");
  }

  @Test
  void read_policyIsToFail_doesNotAskTheSourceAgainAtOnce() {
    ManualTicker ticker = new ManualTicker();
    VersionedCache<String, String> strict =
        cache(options -> options.onUncacheable(UncacheablePolicy.FAIL).ticker(ticker));
    fleet.table.put("a", "?", 1);

    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> strict.get("a")).isInstanceOf(CodecException.class);
    }
    assertThat(fleet.table.loads()).isEqualTo(1);

    ticker.pass(Duration.ofSeconds(1));
    assertThatThrownBy(() -> strict.get("a")).isInstanceOf(CodecException.class);
    assertThat(fleet.table.loads()).isEqualTo(2);
  }

  @Test
  void read_sourceIsBehindTheFallbackLimit_isLimited() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    Gate gate = new Gate();
    Source<String, String> source =
        key -> {
          if (loads.incrementAndGet() > 1) {
            gate.pass();
          }
          return Row.present("?", 1);
        };
    VersionedCache<String, String> limited =
        fleet.cache(
            fleet.store, source, options -> options.maxFallbackLoads(2).maxFallbackQueue(1));
    limited.get("a");
    List<Future<String>> reads =
        fleet.callAllThatWait(
            Collections.<Callable<String>>nCopies(3, () -> limited.get("a").orElseThrow()));

    assertThatThrownBy(() -> limited.get("a"))
        .isInstanceOf(UnavailableException.class)
        .hasMessage(
            "test:a: the executor refused to run the load: maxFallbackLoads=2 are under way and"
                + " maxFallbackQueue=1 wait; it is read past the lock, and not cached, because "
                + CANNOT_BE_READ);
    assertThatThrownBy(
            () -> limited.with(CallOptions.none().deadline(Duration.ofMinutes(1))).get("a"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageEndingWith("because " + CANNOT_BE_READ);
    gate.open();
    for (Future<String> read : reads) {
      assertThat(read.get()).isEqualTo("?");
    }
    assertThat(loads.get()).isEqualTo(4);
  }

  @Test
  void read_manyCallersAndNoCopies_eachHasAnObjectOfItsOwn() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    Gate gate = new Gate();
    Source<String, StringBuilder> source =
        key -> {
          if (loads.incrementAndGet() == 1) {
            gate.pass();
          }
          return Row.present(new StringBuilder("x"), 1);
        };
    try (VersionedCache<String, StringBuilder> unreadable =
        VersionedCache.<String, StringBuilder>builder("test")
            .profile(Fleet.PATIENT)
            .source(source)
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(new WriteOnlyCodec())
            .build()) {
      List<Future<StringBuilder>> reads =
          fleet.callAllThatWait(
              Collections.<Callable<StringBuilder>>nCopies(
                  8, () -> unreadable.get("a").orElseThrow()));
      gate.open();
      Set<StringBuilder> values = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Future<StringBuilder> read : reads) {
        values.add(read.get());
      }

      assertThat(values).hasSize(8);
      assertThat(loads.get()).isEqualTo(8);
    }
  }

  @Test
  void read_manyCallersOfATooLargeValue_shareALoadAndHaveCopies() throws Exception {
    VersionedCache<String, String> small = cache(options -> options.maxValueBytes(4));
    fleet.table.put("a", "apple", 1);
    LockAttempt held = fleet.locks.tryAcquire(slotKey("a"), Deadline.after(Patience.PATIENCE));
    List<Future<String>> reads =
        fleet.callAllThatWait(
            Collections.<Callable<String>>nCopies(8, () -> small.get("a").orElseThrow()));
    ((LockAttempt.Acquired) held).handle().close();
    Set<String> values = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Future<String> read : reads) {
      values.add(read.get());
    }

    assertThat(values).hasSize(8);
    assertThat(fleet.table.loads()).isEqualTo(1);
  }

  @Test
  void close_whileACallerLoadsForItself_endsItsWait() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    Gate gate = new Gate();
    VersionedCache<String, String> hanging =
        fleet.cacheOf(
            key -> {
              if (loads.incrementAndGet() > 1) {
                gate.pass();
              }
              return Row.present("?", 1);
            });
    hanging.get("a");
    Future<String> read = fleet.callThatWaits(() -> hanging.get("a").orElseThrow());
    gate.awaitReached();
    hanging.close();

    assertThatThrownBy(read::get).hasCauseInstanceOf(CacheClosedException.class);
    gate.open();
  }

  @Test
  void log_valueCannotBeReadBack_tellsKeyAndReasonOnce() {
    fleet.table.put("a", "?", 1);
    List<String> lines;
    try (LogCapture log = new LogCapture()) {
      for (int i = 0; i < 20; i++) {
        cache.get("a");
      }
      lines = log.lines();
    }

    assertThat(lines).isNotEmpty().hasSizeLessThan(20);
    assertThat(lines)
        .allMatch(line -> line.startsWith("WARN test:a: not cached: " + CANNOT_BE_READ));
  }

  @Test
  void listener_valueCannotBeReadBack_isToldWithTheReason() {
    Events events = new Events();
    fleet.table.put("a", "?", 1);
    cache(options -> options.listener(events)).get("a");

    assertThat(events.of(CacheEvent.Kind.UNCACHEABLE))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.failure())
                    .isInstanceOf(CodecException.class)
                    .hasMessage("test:a: " + CANNOT_BE_READ));
  }

  @Test
  void explain_valueCannotBeReadBack_saysSoFirst() {
    fleet.table.put("a", "?", 1);
    cache.get("a");
    long counted = cache.stats().uncacheable();

    assertThat(cache.explain("a").verdict())
        .isEqualTo(
            "Nothing is cached, because what the source gives cannot be cached: "
                + CANNOT_BE_READ
                + ". The next reader asks the source.");
    assertThat(cache.explain("a").toString()).contains("UNCACHEABLE");
    assertThat(cache.stats().uncacheable()).isEqualTo(counted);
  }

  @Test
  void explain_entryIsOlderThanAValueThatCannotBeCached_saysBoth() {
    fleet.table.put("a", "apple", 1);
    cache.get("a");
    fleet.table.put("a", "?", 2);

    assertThat(cache.explain("a").verdict())
        .startsWith(
            "What the source gives cannot be cached: " + CANNOT_BE_READ + ". It is behind: ");
  }

  @Test
  void explain_entryOfAnotherRelease_saysThatItIsNotReadHere() {
    fleet.table.put("a", "secret", 1);
    cache.get("a");
    VersionedCache<String, String> other =
        fleet.cache(fleet.store, locks, fleet.table, new SuspiciousCodec(), options -> options);

    assertThat(other.explain("a").verdict())
        .isEqualTo(
            "The entry cannot be decoded here and counts as a miss: Secret.depth: missing."
                + " It is up to date: the source has version 1 too.");
  }

  @Test
  void update_cannotBeReadBack_dropsAndGivesTheWritersOwnRow() {
    fleet.table.put("a", "apple", 1);
    cache.get("a");

    WriteResult<String> result = cache.update("a", () -> fleet.table.put("a", "?", 2));

    assertThat(result).isEqualTo(new WriteResult<>(Row.present("?", 2), WriteOutcome.DROPPED));
    assertThat(cache.get("a")).hasValue("?");
    assertThat(cache.stats().damaged()).isZero();
    assertThat(cache.stats().uncacheable()).isEqualTo(2);
  }

  @Test
  void update_policyIsToFail_throwsAfterTheDropAndSaysThatTheWriteIsCommitted() {
    VersionedCache<String, String> strict =
        cache(options -> options.onUncacheable(UncacheablePolicy.FAIL));
    fleet.table.put("a", "apple", 1);
    strict.get("a");

    assertThatThrownBy(() -> strict.update("a", () -> fleet.table.put("a", "?", 2)))
        .isInstanceOf(CodecException.class)
        .hasMessage("test:a: " + CANNOT_BE_READ + "; the write is committed");
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
  }

  @Test
  void publish_cannotBeReadBack_drops() {
    fleet.table.put("a", "apple", 1);
    cache.get("a");

    assertThat(cache.publish("a", fleet.table.put("a", "?", 2))).isEqualTo(WriteOutcome.DROPPED);
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertThat(cache.stats().uncacheable()).isEqualTo(1);
  }

  @Test
  void refresh_cannotBeReadBack_dropsTheOlderEntry() {
    fleet.table.put("a", "apple", 1);
    cache.get("a");
    fleet.table.put("a", "?", 2);

    assertThat(cache.refresh("a").value()).hasValue("?");
    assertThat(cache.get("a")).hasValue("?");
  }

  @Test
  void warm_cannotBeReadBack_isCountedAsFailed() {
    fleet.table.put("a", "?", 1);
    fleet.table.put("b", "apple", 1);

    WarmReport report = cache.warm(List.of("a", "b"), WarmOptions.defaults());

    assertThat(report).isEqualTo(new WarmReport(2, 0, 1, 1));
  }

  @Test
  void read_replicasRowCannotBeReadBack_asksTheSource() {
    Table replica = new Table();
    replica.put("a", "?", 1);
    fleet.table.put("a", "apple", 2);
    VersionedCache<String, String> lagging =
        cache(options -> options.replica(replica).replicaLag(Duration.ofSeconds(1)));

    assertThat(lagging.get("a")).hasValue("apple");
    assertThat(lagging.read("a").origin()).isEqualTo(Origin.CACHE);
  }

  /** The slot is told of the version, with which it holds the replica's row back. */
  @ParameterizedTest
  @EnumSource(AfterCommitTest.Way.class)
  void write_cannotBeReadBackAndReplicaLags_replicasRowIsNotTaken(AfterCommitTest.Way way) {
    Table replica = new Table();
    replica.put("a", "old", 1);
    VersionedCache<String, String> lagging =
        cache(options -> options.replica(replica).replicaLag(Duration.ofSeconds(1)));

    way.take(lagging, fleet.table.put("a", "?", 2));

    assertThat(lagging.get("a")).hasValue("?");
  }

  /** As where there is no memory left to encode it. */
  @ParameterizedTest
  @EnumSource(AfterCommitTest.Way.class)
  void write_codecThrowsAnErrorAndReplicaLags_replicasRowIsNotTaken(AfterCommitTest.Way way) {
    List<Error> errors = new ArrayList<>();
    Table replica = new Table();
    replica.put("a", "old", 1);
    VersionedCache<String, String> lagging =
        fleet.cache(
            fleet.store,
            locks,
            fleet.table,
            new FailingCodec(errors),
            options -> options.replica(replica).replicaLag(Duration.ofSeconds(1)));
    errors.add(new OutOfMemoryError("injected"));

    assertThatThrownBy(() -> way.take(lagging, fleet.table.put("a", "new", 2)))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(lagging.get("a")).hasValue("new");
  }

  @Test
  void read_codecThrowsErrors_countsAsUncacheable() {
    List<Error> errors =
        new ArrayList<>(List.of(new StackOverflowError(), new NoClassDefFoundError("x")));
    VersionedCache<String, String> deep =
        fleet.cache(fleet.store, locks, fleet.table, new FailingCodec(errors), options -> options);
    fleet.table.put("a", "x", 1);

    assertThat(deep.get("a")).hasValue("x");
    assertThat(deep.get("a")).hasValue("x");
    assertThat(deep.stats().uncacheable()).isEqualTo(2);
  }

  @Test
  void read_codecGivesNull_countsAsUncacheable() {
    VersionedCache<String, String> toNull =
        fleet.cache(fleet.store, locks, fleet.table, new NullCodec(), options -> options);
    fleet.table.put("a", "x", 1);

    assertThat(toNull.get("a")).hasValue("x");
    assertThat(toNull.explain("a").verdict()).contains(": the codec decodes it to null.");
  }

  private VersionedCache<String, String> cache(
      UnaryOperator<CacheBuilder<String, String>> options) {
    return fleet.cache(fleet.store, locks, fleet.table, options);
  }

  private static final class WriteOnlyCodec implements Codec<StringBuilder> {
    @Override
    public byte[] encode(StringBuilder value) {
      return new byte[1];
    }

    @Override
    public StringBuilder decode(byte[] bytes) throws BadValueException {
      throw new BadValueException("", "nobody reads this");
    }
  }

  private static final class SuspiciousCodec implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      return new byte[1];
    }

    @Override
    public String decode(byte[] bytes) throws BadValueException {
      if (bytes.length > 1) {
        throw new BadValueException("Secret.depth", "missing");
      }
      return "read";
    }
  }

  private record FailingCodec(List<Error> errors) implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      if (!errors.isEmpty()) {
        throw errors.remove(0);
      }
      return new StringCodec().encode(value);
    }

    @Override
    public String decode(byte[] bytes) {
      return new StringCodec().decode(bytes);
    }
  }

  private static final class NullCodec implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      return new byte[0];
    }

    @Override
    @SuppressWarnings("NullAway") // What it is for.
    public String decode(byte[] bytes) {
      return null;
    }
  }
}
