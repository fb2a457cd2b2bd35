package io.tidemark.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.BulkReadResult;
import io.tidemark.BulkSource;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.LoadProfile;
import io.tidemark.ReadResult;
import io.tidemark.Rollout;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.UncacheablePolicy;
import io.tidemark.VersionedCache;
import io.tidemark.WaitStrategy;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * What loads of many keys rest on: in each story the row goes from version 1 to 5 at the worst
 * moment, and a read that begins after it must give 5. Without the safeguard it gives 1.
 */
class BulkSafeguardsTest {
  private static final List<String> KEYS = List.of("a", "b");

  @Test
  void read_joinsAfterTheFill_looksAgain() {
    assertThat(new JoinsAfterTheFill().get().getAsLong()).isEqualTo(5);
  }

  @Test
  void read_joinsAfterTheFillWithoutTheEpoch_isStale() {
    assertThat(
            without(
                JoinsAfterTheFill.class,
                BulkLoader.class,
                "Safeguard EPOCH_OF_BULK_FILL",
                "epochs.advance()",
                "Long.MAX_VALUE"))
        .isEqualTo(1);
  }

  @Test
  void read_joinsAfterTheReadOfARowThatIsNotStored_looksAgain() {
    assertThat(new JoinsAfterTheRead().get().getAsLong()).isEqualTo(5);
  }

  @Test
  void read_joinsAfterTheReadWithoutTheEpoch_isStale() {
    assertThat(
            without(
                JoinsAfterTheRead.class,
                BulkLoad.class,
                "Safeguard EPOCH_OF_BULK_READ",
                "unstored.loaded().epoch()",
                "Long.MAX_VALUE"))
        .isEqualTo(1);
  }

  @Test
  void read_joinsAfterTheReadPastTheCache_looksAgain() {
    assertThat(new JoinsAfterTheReadPastTheCache().get().getAsLong()).isEqualTo(5);
  }

  @Test
  void read_joinsAfterTheReadPastTheCacheWithoutTheEpoch_isStale() {
    assertThat(
            without(
                JoinsAfterTheReadPastTheCache.class,
                BulkFallbackLoad.class,
                "Safeguard EPOCH_OF_BULK_READ",
                "loaded.epoch()",
                "Long.MAX_VALUE"))
        .isEqualTo(1);
  }

  @Test
  void read_joinsAfterTheLookAtAnothersEntry_looksAgain() {
    assertThat(new JoinsAfterTheLook().get().getAsLong()).isEqualTo(5);
  }

  @Test
  void read_joinsAfterTheLookAtAnothersEntryWithoutTheEpoch_isStale() {
    assertThat(
            without(
                JoinsAfterTheLook.class,
                BulkLoad.class,
                "Safeguard EPOCH_OF_BULK_HIT",
                "present.epoch()",
                "Long.MAX_VALUE"))
        .isEqualTo(1);
  }

  @Test
  void readAll_fillOfAnotherLoadIsLate_isNotStored() {
    assertThat(new OtherFillIsLate().get().getAsLong()).isEqualTo(5);
  }

  @Test
  void readAll_fillOfAnotherLoadIsLateUnderTheSameBallot_isStale() {
    assertThat(
            without(
                OtherFillIsLate.class,
                Claims.class,
                "Safeguard BALLOT_PER_ATTEMPT",
                "Ballot.draw(settings.ballots())",
                "-1"))
        .isEqualTo(1);
  }

  private static long without(
      Class<? extends Supplier<LongSupplier>> story,
      Class<?> edited,
      String mark,
      String text,
      String replacement) {
    return EditedCopy.of(
            "WithoutSafeguardAs" + story.getSimpleName(),
            story,
            LongSupplier.class,
            edited,
            mark,
            text,
            replacement)
        .get()
        .getAsLong();
  }

  /** A caller joins a load whose row was stored, and dropped again by a write. */
  static final class JoinsAfterTheFill extends Story {
    @Override
    long version() throws Exception {
      fleet.table.put("a", "apple", 1);
      ForwardingStore store =
          new ForwardingStore(fleet.store) {
            @Override
            public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
              List<Reply<FillAnswer>> replies = fleet.store.fillAll(fills);
              writeAndReadOnce();
              return replies;
            }
          };
      return versionOfTheReadOnce(store, keys -> {}, FallbackPolicy.FAIL);
    }
  }

  /** A caller joins a load whose row was read, and will not be stored: absences are not. */
  static final class JoinsAfterTheRead extends Story {
    @Override
    long version() throws Exception {
      return versionOfTheReadOnce(fleet.store, keys -> writeAndReadOnce(), FallbackPolicy.FAIL);
    }
  }

  /** The same while the store is away. */
  static final class JoinsAfterTheReadPastTheCache extends Story {
    @Override
    long version() throws Exception {
      return versionOfTheReadOnce(
          new UnreadableStore(fleet.store), keys -> writeAndReadOnce(), FallbackPolicy.LOAD);
    }
  }

  /** A caller joins a load that has waited for another's entry, and seen it. */
  static final class JoinsAfterTheLook extends Story {
    @Override
    long version() throws Exception {
      Duration hour = Duration.ofHours(1);
      SlotKey key = Fleet.slotKey("a");
      fleet.store.claim(key, 1, ClaimMode.UNLESS_PRESENT, hour, Duration.ZERO);
      AtomicInteger looks = new AtomicInteger();
      ForwardingStore store =
          new ForwardingStore(fleet.store) {
            @Override
            public List<Reply<Slot>> readAll(List<SlotKey> keys) {
              if (looks.incrementAndGet() != 2) {
                return fleet.store.readAll(keys);
              }
              fleet.store.fill(
                  key,
                  1,
                  new EncodedRow.Present(
                      1, Payload.wrap(new StringCodec().encode("apple")), Duration.ZERO),
                  FloorRule.AT_OR_ABOVE,
                  new Lifetime(hour, Duration.ZERO));
              List<Reply<Slot>> replies = fleet.store.readAll(keys);
              writeAndReadOnce();
              return replies;
            }
          };
      return versionOfTheReadOnce(store, keys -> {}, FallbackPolicy.FAIL);
    }
  }

  /** A fill arrives so late that another load has claimed the slot since. */
  static final class OtherFillIsLate extends Story {
    @Override
    long version() throws Exception {
      fleet.table.put("a", "apple", 1);
      AtomicReference<List<Fill>> late = new AtomicReference<>();
      ForwardingStore second =
          new ForwardingStore(fleet.store) {
            @Override
            public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
              fleet.store.fillAll(requireNonNull(late.get()));
              return fleet.store.fillAll(fills);
            }
          };
      AtomicReference<Long> seen = new AtomicReference<>();
      ForwardingStore first =
          new ForwardingStore(fleet.store) {
            @Override
            public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
              late.set(fills);
              write();
              try (VersionedCache<String, String> other =
                  cache(second, keys -> {}, FallbackPolicy.FAIL)) {
                seen.set(versionOf(other.readAll(List.of("a", "c"))));
              }
              return fleet.store.fillAll(fills);
            }
          };
      try (VersionedCache<String, String> cache = cache(first, keys -> {}, FallbackPolicy.FAIL)) {
        cache.readAll(KEYS);
      }
      return requireNonNull(seen.get());
    }
  }

  private static long versionOf(BulkReadResult<String, String> result) {
    return requireNonNull(result.results().get("a")).version().orElseThrow();
  }

  /** Told with the engine of its own package, which no builder would make in an edited copy. */
  abstract static class Story implements Supplier<LongSupplier>, LongSupplier {
    final Fleet fleet = new Fleet();
    private final AtomicReference<VersionedCache<String, String>> itself = new AtomicReference<>();
    private final AtomicReference<Future<ReadResult<String>>> late = new AtomicReference<>();

    interface Meanwhile {
      void happens(List<String> keys);
    }

    /** Returns the version that was served. */
    abstract long version() throws Exception;

    @Override
    public LongSupplier get() {
      return this;
    }

    @Override
    public long getAsLong() {
      try (fleet) {
        return version();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    void write() {
      fleet.table.put("a", "avocado", 5);
      fleet.store.drop(Fleet.slotKey("a"), Version.NONE, Duration.ZERO);
    }

    /** Writes the row, and has it read by a caller that joins what is under way. */
    void writeAndReadOnce() {
      if (late.get() == null) {
        write();
        late.set(fleet.callThatWaits(() -> requireNonNull(itself.get()).read("a")));
      }
    }

    long versionOfTheReadOnce(SlotStore store, Meanwhile afterRead, FallbackPolicy fallback)
        throws InterruptedException, ExecutionException {
      try (VersionedCache<String, String> cache = cache(store, afterRead, fallback)) {
        itself.set(cache);
        cache.readAll(KEYS);
        // An absence stands for what was before the write.
        return requireNonNull(late.get()).get().version().orElse(1);
      }
    }

    VersionedCache<String, String> cache(
        SlotStore store, Meanwhile afterRead, FallbackPolicy fallback) {
      BulkSource<String, String> source =
          BulkSource.of(
              fleet.table,
              keys -> {
                Map<String, Row<String>> rows = new HashMap<>();
                keys.forEach(key -> rows.put(key, fleet.table.load(key)));
                afterRead.happens(List.copyOf(keys));
                return rows;
              });
      return new DefaultVersionedCache<>(
          new CacheEngine<>(settings(source, store, fallback), List.of(), null, null));
    }

    private static Settings<String, String> settings(
        Source<String, String> source, SlotStore store, FallbackPolicy fallback) {
      Duration hour = Duration.ofHours(1);
      return new Settings<>(
          "test",
          new Backends<>(
              source,
              Optional.empty(),
              Duration.ZERO,
              store,
              LocalLocks.create(),
              new StringCodec(),
              key -> key,
              Optional.empty()),
          new Lifetimes(hour, Duration.ZERO, 0, Duration.ZERO),
          new Terms(
              new LoadProfile(hour, hour, hour), hour, null, fallback, LoadFailurePolicy.FAIL),
          new Waiting(WaitStrategy.eventDriven(), Duration.ZERO),
          new Fallbacks(Duration.ZERO, UncacheablePolicy.LOAD, hour),
          new Limits(2, 2, 2, 2, 2, 100),
          Optional.empty(),
          Rollout.on(),
          Ticker.system(),
          null);
    }
  }
}
