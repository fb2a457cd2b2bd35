package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.spi.FillAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several processes read, write, publish late, invalidate and evict a few keys at once. Every read
 * is held against what had been served or written before it began.
 */
class ForwardOnlyTest {
  private static final int PROCESSES = 3;
  private static final int THREADS_PER_PROCESS = 3;
  private static final int CALLS_PER_THREAD = 3_000;

  private final Fleet fleet = new Fleet();
  private final List<Key> keys = List.of(new Key("a"), new Key("b"));
  private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    fleet.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyMixOfCalls_neverServesLessThanBefore(long seed) throws Exception {
    List<Future<Void>> threads = new ArrayList<>();
    for (int process = 0; process < PROCESSES; process++) {
      VersionedCache<String, String> cache = fleet.cache();
      for (int thread = 0; thread < THREADS_PER_PROCESS; thread++) {
        long threadSeed = seed * 100 + threads.size();
        threads.add(
            fleet.call(
                () -> {
                  run(cache, RandomGeneratorFactory.getDefault().create(threadSeed));
                  return null;
                }));
      }
    }
    for (Future<Void> thread : threads) {
      thread.get();
    }

    assertThat(violations).isEmpty();
  }

  /** A key, its row's newest version, and the lowest version that a read may still be served. */
  private record Key(String name, AtomicLong newest, AtomicLong lowestAllowed) {
    Key(String name) {
      this(name, new AtomicLong(), new AtomicLong());
    }

    void allowNothingBelow(long version) {
      lowestAllowed.accumulateAndGet(version, Math::max);
    }
  }

  private void run(VersionedCache<String, String> cache, RandomGenerator random) {
    for (int i = 0; i < CALLS_PER_THREAD; i++) {
      Key key = keys.get(random.nextInt(keys.size()));
      int dice = random.nextInt(20);
      if (dice < 12) {
        read(cache, key);
      } else if (dice < 14) {
        Row<String> written = cache.update(key.name(), () -> commit(key)).row();
        key.allowNothingBelow(written.version().orElseThrow());
      } else if (dice < 17) {
        Row<String> committed = commit(key);
        cache.publish(key.name(), committed);
        key.allowNothingBelow(committed.version().orElseThrow());
      } else if (dice < 18) {
        cache.invalidate(key.name());
      } else if (dice < 19) {
        cache.publish(key.name(), Row.present("late", random.nextLong(key.newest().get() + 1)));
      } else {
        fleet.store.evict(Fleet.slotKey(key.name()));
      }
    }
  }

  private void read(VersionedCache<String, String> cache, Key key) {
    long atStart = key.lowestAllowed().get();
    ReadResult<String> result = cache.read(key.name());
    long served = result.version().orElse(0);
    if (served < atStart) {
      violations.add("%s: %s after %d".formatted(key.name(), result, atStart));
    }
    boolean fromSharedStore =
        result.fill().equals(Optional.of(FillAnswer.STORED))
            || result.origin() != Origin.SOURCE_LOCK_HOLDER;
    if (fromSharedStore) {
      key.allowNothingBelow(served);
    }
  }

  /** Commits a row as a database would: one at a time, each with a version above the last. */
  private Row<String> commit(Key key) {
    synchronized (key) {
      long version = key.newest().incrementAndGet();
      return fleet.table.put(key.name(), "v" + version, version);
    }
  }
}
