package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.WriteResult;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callers are given: what the codec gives back, and each an object of its own. */
class OwnValuesTest {
  private static final Codec<List<Integer>> LISTS =
      JsonCodec.of(new TypeReference<List<Integer>>() {});
  private static final Row<List<Integer>> ROW = Row.present(new ArrayList<>(List.of(3, 1, 2)), 1);
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final int CALLERS = 16;

  private final InMemoryStore store = InMemoryStore.create();
  private final Gate gate = new Gate();
  private final List<VersionedCache<String, ?>> caches = new ArrayList<>();

  @AfterEach
  void close() {
    gate.open();
    caches.forEach(VersionedCache::close);
  }

  @Test
  void read_miss_givesWhatAHitGives() {
    VersionedCache<String, String> cache = cache(key -> Row.present(" a ", 1), new TrimmingCodec());

    ReadResult<String> miss = cache.read("k");
    ReadResult<String> hit = cache.read("k");

    assertThat(miss.origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(hit.origin()).isEqualTo(Origin.CACHE);
    assertThat(miss.value()).isEqualTo(hit.value()).hasValue("a");
  }

  @Test
  void read_lockServiceAway_givesWhatTheCodecGivesBack() {
    VersionedCache<String, String> cache =
        cache(
            Fleet.NO_LOCKS,
            key -> Row.present(" a ", 1),
            new TrimmingCodec(),
            options -> options.onFallback(FallbackPolicy.LOAD));

    assertThat(cache.get("k")).hasValue("a");
  }

  @Test
  void refresh_row_givesWhatTheCodecGivesBack() {
    VersionedCache<String, String> cache = cache(key -> Row.present(" a ", 1), new TrimmingCodec());

    assertThat(cache.refresh("k").value()).hasValue("a");
    assertThat(cache.refresh("k").value()).hasValue("a");
  }

  @Test
  void update_row_givesWhatTheCodecGivesBack() {
    VersionedCache<String, String> cache = cache(key -> Row.absent(), new TrimmingCodec());

    WriteResult<String> result = cache.update("k", () -> Row.present(" a ", 1));

    assertThat(result.row()).isEqualTo(Row.present("a", 1));
    assertThat(cache.get("k")).hasValue("a");
  }

  @Test
  void read_manyCallersOfOneLoad_eachHasAnObjectOfItsOwn() throws Exception {
    VersionedCache<String, List<Integer>> cache = cache(gate.before(ROW), LISTS);

    List<List<Integer>> values = readTogether(cache);

    assertThat(distinct(values)).hasSize(CALLERS);
    assertThat(values).allMatch(List.of(3, 1, 2)::equals);
    assertThat(values).noneMatch(value -> value == value(ROW));
  }

  @Test
  void read_manyCallersOfOneFallback_eachHasAnObjectOfItsOwn() throws Exception {
    VersionedCache<String, List<Integer>> cache =
        cache(
            Fleet.NO_LOCKS,
            gate.before(ROW),
            LISTS,
            options -> options.onFallback(FallbackPolicy.LOAD));

    List<List<Integer>> values = readTogether(cache);

    assertThat(distinct(values)).hasSize(CALLERS);
    assertThat(values).noneMatch(value -> value == value(ROW));
  }

  @Test
  void read_manyCallersWaitForAnotherProcess_eachHasAnObjectOfItsOwn() throws Exception {
    LockProvider locks = LocalLocks.create();
    VersionedCache<String, List<Integer>> other =
        cache(locks, gate.before(ROW), LISTS, options -> options);
    VersionedCache<String, List<Integer>> cache =
        cache(locks, key -> Row.absent(), LISTS, options -> options);
    CompletableFuture<?> loading = other.readAsync("k");
    gate.awaitReached();

    List<List<Integer>> values = readTogether(cache);

    loading.join();
    assertThat(distinct(values)).hasSize(CALLERS);
    assertThat(values).allMatch(List.of(3, 1, 2)::equals);
  }

  @Test
  void read_valuesAreImmutable_callersOfOneLoadShareOne() throws Exception {
    Codec<List<Integer>> immutable =
        JsonCodec.of(new TypeReference<List<Integer>>() {}).immutable();
    VersionedCache<String, List<Integer>> cache = cache(gate.before(ROW), immutable);

    List<List<Integer>> values = readTogether(cache, 0);

    assertThat(distinct(values)).hasSize(1);
    assertThat(values.get(0)).isEqualTo(value(ROW)).isNotSameAs(value(ROW));
  }

  @Test
  void read_codecGivesTheBytesThemselves_nobodyChangesAnothersOrTheEntry() throws Exception {
    byte[] stored = {1, 2};
    VersionedCache<String, byte[]> cache =
        cache(gate.before(Row.present(stored, 1)), new IdentityCodec());

    List<byte[]> values = readTogether(cache);
    values.get(0)[0] = 9;
    stored[1] = 9;
    cache.get("k").orElseThrow()[0] = 9;

    assertThat(distinct(values)).hasSize(CALLERS);
    assertThat(values.get(1)).containsExactly(1, 2);
    assertThat(cache.get("k").orElseThrow()).containsExactly(1, 2);
  }

  @Test
  void update_callerChangesTheRowLater_changesNoEntry() {
    VersionedCache<String, List<Integer>> cache = cache(key -> Row.absent(), LISTS);
    List<Integer> written = new ArrayList<>(List.of(1));

    WriteResult<List<Integer>> result = cache.update("k", () -> Row.present(written, 1));
    written.add(2);

    assertThat(result.row()).isEqualTo(Row.present(List.of(1), 1));
    assertThat(cache.get("k")).hasValue(List.of(1));
  }

  @Test
  void toString_results_showNoValue() {
    VersionedCache<String, String> cache =
        cache(key -> Row.present("secret", 1), new StringCodec());

    assertThat(cache.read("k")).asString().contains("VALUE version 1").doesNotContain("secret");
    assertThat(cache.update("k", () -> Row.present("secret", 2)))
        .asString()
        .contains("VALUE version 2", "STORED")
        .doesNotContain("secret");
    assertThat(cache.explain("k").source().orElseThrow()).asString().doesNotContain("secret");
  }

  private <V> List<V> readTogether(VersionedCache<String, V> cache) throws Exception {
    return readTogether(cache, CALLERS / 2);
  }

  /** Has callers wait for one load, and some more read without a thread, and opens the gate. */
  private <V> List<V> readTogether(VersionedCache<String, V> cache, int withoutThread)
      throws Exception {
    List<CompletableFuture<ReadResult<V>>> reads = new ArrayList<>();
    try (Fleet threads = new Fleet()) {
      var blocking =
          threads.callAllThatWait(
              Collections.<Callable<ReadResult<V>>>nCopies(
                  CALLERS - withoutThread, () -> cache.read("k")));
      for (int i = 0; i < withoutThread; i++) {
        reads.add(cache.readAsync("k"));
      }
      gate.awaitReached();
      gate.open();
      List<V> values = new ArrayList<>();
      for (var read : blocking) {
        values.add(read.get().value().orElseThrow());
      }
      reads.forEach(read -> values.add(read.join().value().orElseThrow()));
      return values;
    }
  }

  private static <V> V value(Row<V> row) {
    return ((Row.Present<V>) row).value();
  }

  private static <V> Set<V> distinct(List<V> values) {
    Set<V> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    distinct.addAll(values);
    return distinct;
  }

  private <V> VersionedCache<String, V> cache(Source<String, V> source, Codec<V> codec) {
    return cache(LocalLocks.create(), source, codec, options -> options);
  }

  private <V> VersionedCache<String, V> cache(
      LockProvider locks,
      Source<String, V> source,
      Codec<V> codec,
      UnaryOperator<CacheBuilder<String, V>> options) {
    CacheBuilder<String, V> builder =
        VersionedCache.<String, V>builder("test")
            .profile(Fleet.PATIENT)
            .source(source)
            .store(store)
            .locks(locks)
            .codec(codec)
            .ttl(TTL);
    VersionedCache<String, V> cache = options.apply(builder).build();
    caches.add(cache);
    return cache;
  }

  /** Loses what surrounds the text. */
  private static final class TrimmingCodec implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      return new StringCodec().encode(value.trim());
    }

    @Override
    public String decode(byte[] bytes) {
      return new StringCodec().decode(bytes);
    }
  }

  private static final class IdentityCodec implements Codec<byte[]> {
    @Override
    public byte[] encode(byte[] value) {
      return value;
    }

    @Override
    public byte[] decode(byte[] bytes) {
      return bytes;
    }
  }
}
