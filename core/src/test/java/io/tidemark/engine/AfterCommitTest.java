package io.tidemark.engine;

import static io.tidemark.engine.Fleet.NO_LOCKS;
import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemark.BulkWriteException;
import io.tidemark.ClaimRule;
import io.tidemark.Codec;
import io.tidemark.CodecException;
import io.tidemark.InvalidVersionException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Once a row is committed, nothing that goes wrong leaves the old one in the cache. */
class AfterCommitTest {
  private final Fleet fleet = new Fleet();
  private final VersionedCache<String, String> other = fleet.cache();

  /** What the codec throws at the next values to encode; null if it works. */
  private volatile @Nullable Throwable codecFailure;

  private final Codec<String> codec =
      new Codec<>() {
        @Override
        public byte[] encode(String value) throws Exception {
          throwIfAny(codecFailure);
          return new StringCodec().encode(value);
        }

        @Override
        public String decode(byte[] bytes) throws Exception {
          return new StringCodec().decode(bytes);
        }
      };

  /** How a row reaches the cache. */
  enum Way {
    PUBLISH {
      @Override
      void take(VersionedCache<String, String> cache, Row<String> row) {
        cache.publish("a", row);
      }
    },
    PUBLISH_MANY {
      @Override
      void take(VersionedCache<String, String> cache, Row<String> row) {
        try {
          cache.publishAll(Map.of("a", row));
        } catch (BulkWriteException e) {
          throw Objects.requireNonNull(e.failures().get("a"));
        }
      }
    },
    UPDATE {
      @Override
      void take(VersionedCache<String, String> cache, Row<String> row) {
        cache.update("a", () -> row);
      }
    },
    UPDATE_WITHOUT_CLAIM {
      @Override
      void take(VersionedCache<String, String> cache, Row<String> row) {
        cache.update("a", ClaimRule.BEST_EFFORT, () -> row);
      }
    };

    abstract void take(VersionedCache<String, String> cache, Row<String> row);

    LockProvider locks() {
      return this == UPDATE_WITHOUT_CLAIM ? NO_LOCKS : LocalLocks.create();
    }
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new IllegalStateException("a defect"),
        new AssertionError("a defect"),
        new OutOfMemoryError("Java heap space"));
  }

  static Stream<Arguments> waysAndFailures() {
    return Stream.of(Way.values())
        .flatMap(way -> failures().map(failure -> Arguments.of(way, failure)));
  }

  /** Throws it whatever it is: no method here declares what a broken part may throw. */
  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void throwIfAny(@Nullable Throwable failure) throws X {
    if (failure != null) {
      throw (X) failure;
    }
  }

  @BeforeEach
  void cacheTheOldRow() {
    fleet.table.put("a", "old", 1);
    other.get("a");
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @ParameterizedTest
  @MethodSource("waysAndFailures")
  void write_codecThrows_isThrownIfAnErrorAndTheOldValueIsGone(Way way, Throwable failure) {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, way.locks(), fleet.table, codec, options -> options);
    codecFailure = failure;

    Throwable thrown = catchThrowable(() -> way.take(cache, fleet.table.put("a", "new", 2)));

    if (way == Way.PUBLISH_MANY && failure instanceof AssertionError) {
      assertThat(thrown).isInstanceOf(CodecException.class).hasCause(failure);
    } else {
      assertThat(thrown).isSameAs(failure instanceof Error ? failure : null);
    }
    assertThat(other.get("a")).hasValue("new");
  }

  @ParameterizedTest
  @MethodSource("waysAndFailures")
  void write_storeFailsOnceInAnUnknownWay_isThrownAndTheOldValueIsGone(Way way, Throwable failure) {
    AtomicReference<@Nullable Throwable> next = new AtomicReference<>(failure);
    VersionedCache<String, String> cache =
        fleet.cache(new BrokenStore(next, false), way.locks(), fleet.table, options -> options);

    assertThat(catchThrowable(() -> way.take(cache, fleet.table.put("a", "new", 2))))
        .isSameAs(failure);
    await().until(() -> other.get("a").equals(Optional.of("new")));
  }

  /** The drop fails too, and likewise: then it is made good in the background. */
  @ParameterizedTest
  @MethodSource("waysAndFailures")
  void write_storeFailsInAnUnknownWay_isThrownAndRepairedLater(Way way, Throwable failure) {
    AtomicReference<@Nullable Throwable> next = new AtomicReference<>(failure);
    VersionedCache<String, String> cache =
        fleet.cache(new BrokenStore(next, true), way.locks(), fleet.table, options -> options);

    assertThat(catchThrowable(() -> way.take(cache, fleet.table.put("a", "new", 2))))
        .isSameAs(failure);
    next.set(null);
    await().until(() -> cache.stats().repaired() > 0);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void invalidate_storeFailsInAnUnknownWay_isThrownAndRepairedLater() {
    AtomicReference<@Nullable Throwable> next =
        new AtomicReference<>(new OutOfMemoryError("Java heap space"));
    VersionedCache<String, String> cache =
        fleet.cache(new BrokenStore(next, true), fleet.table, options -> options);
    fleet.table.put("a", "new", 2);

    assertThatThrownBy(() -> cache.invalidate("a")).isSameAs(next.get());
    next.set(null);
    await().until(() -> cache.stats().repaired() > 0);
    assertThat(other.get("a")).hasValue("new");
  }

  @Test
  void publish_negativeVersion_isThrownAndTheOldValueIsGone() {
    fleet.table.put("a", "new", 2);

    assertThatThrownBy(() -> other.publish("a", Row.present("new", -1)))
        .isInstanceOf(InvalidVersionException.class);
    assertThat(other.get("a")).hasValue("new");
  }

  /** Another process has read the row from before the commit, and fills it late. */
  @Test
  void update_claimLostAndCodecThrowsAnError_lateFillOfTheOldRowIsRefused() throws Exception {
    Gate gate = new Gate();
    VersionedCache<String, String> late =
        fleet.cache(
            fleet.store,
            LocalLocks.create(),
            key -> {
              Row<String> row = fleet.table.load(key);
              gate.pass();
              return row;
            },
            options -> options);
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, LocalLocks.create(), fleet.table, codec, options -> options);
    AssertionError failure = new AssertionError("a defect");
    codecFailure = failure;

    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      fleet.store.evict(slotKey("a"));
                      Future<?> unused = late.getAsync("a");
                      gate.awaitReached();
                      return fleet.table.put("a", "new", 2);
                    }))
        .isSameAs(failure);
    gate.open();

    assertThat(late.get("a")).hasValue("new");
    assertThat(other.get("a")).hasValue("new");
  }

  @ParameterizedTest
  @MethodSource("failures")
  void update_writeThrowsAndTheDropFails_throwsWhatTheWriteThrew(Throwable later) {
    AtomicReference<@Nullable Throwable> next = new AtomicReference<>(later);
    VersionedCache<String, String> cache =
        fleet.cache(new BrokenStore(next, true), fleet.table, options -> options);
    IOException failure = new IOException("constraint violated");

    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure)
        .hasSuppressedException(later);
    next.set(null);
    await().until(() -> cache.stats().repaired() == 1);
  }

  /** What a broken part throws may be one object, again and again. */
  @Test
  void update_writeAndStoreThrowTheSameObject_throwsIt() {
    AssertionError failure = new AssertionError("a defect");
    AtomicReference<@Nullable Throwable> next = new AtomicReference<>(failure);
    VersionedCache<String, String> cache =
        fleet.cache(new BrokenStore(next, true), fleet.table, options -> options);

    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @Test
  void update_releaseOfTheLockThrows_returnsWhatWasWritten() {
    VersionedCache<String, String> cache =
        fleet.cache(fleet.store, new LocksThatThrowOnRelease(), fleet.table, options -> options);

    cache.update("a", () -> fleet.table.put("a", "new", 2));

    assertThat(other.get("a")).hasValue("new");
  }

  /** A store that fails at publishing, once or until it is mended. */
  private final class BrokenStore extends ForwardingStore {
    private final AtomicReference<@Nullable Throwable> next;
    private final boolean forLong;

    BrokenStore(AtomicReference<@Nullable Throwable> next, boolean forLong) {
      super(fleet.store);
      this.next = next;
      this.forLong = forLong;
    }

    @Override
    public PublishAnswer publish(
        SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
      throwIfAny(forLong ? next.get() : next.getAndSet(null));
      return super.publish(key, fence, row, lifetime, floorLife);
    }

    @Override
    public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
      throwIfAny(forLong ? next.get() : next.getAndSet(null));
      return super.drop(key, version, floorLife);
    }
  }

  private static final class LocksThatThrowOnRelease implements LockProvider {
    private final LocalLocks locks = LocalLocks.create();

    @Override
    public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
      LockHandle handle = ((LockAttempt.Acquired) locks.tryAcquire(key, deadline)).handle();
      return new LockAttempt.Acquired(
          new LockHandle() {
            @Override
            public long fence() {
              return handle.fence();
            }

            @Override
            public void close() {
              handle.close();
              throw new AssertionError("a defect");
            }
          });
    }
  }
}
