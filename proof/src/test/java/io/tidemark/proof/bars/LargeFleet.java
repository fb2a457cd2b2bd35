package io.tidemark.proof.bars;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.BulkSource;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What docs/scale.md says of 10,000 processes and 10 million keys, counted with as many caches in
 * this JVM, over one store and one lock service in memory. Takes minutes, 14 GB of heap and 20,000
 * threads, so no build runs it: {@code -Dtest=None -Dit.test=LargeFleet -Dshort-runs=-Xmx14g}.
 */
class LargeFleet {
  private static final int PROCESSES = Integer.getInteger("tidemark.fleet.processes", 10_000);
  private static final int KEYS = Integer.getInteger("tidemark.fleet.keys", 10_000_000);
  private static final int MANY = 1_000;

  /** Nothing ends before its time, however slow the machine is. */
  private static final Duration FAR = Duration.ofHours(12);

  private final InMemoryStore store = InMemoryStore.create();
  private final InMemoryStore.Snapshot nothing = store.snapshot();
  private final CountedLocks locks = new CountedLocks(LocalLocks.create());
  private final AtomicIntegerArray loads = new AtomicIntegerArray(KEYS);

  /** Counts the attempts, by how they ended: an acquired lock costs two quorum writes. */
  private record CountedLocks(LockProvider provider, AtomicLong acquired, AtomicLong held)
      implements LockProvider {
    CountedLocks(LockProvider provider) {
      this(provider, new AtomicLong(), new AtomicLong());
    }

    @Override
    public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
      LockAttempt attempt = provider.tryAcquire(key, deadline);
      (attempt instanceof LockAttempt.Acquired ? acquired : held).incrementAndGet();
      return attempt;
    }
  }

  @Test
  void reads_ofTheWholeFleet_loadEachKeyOnceAndAgainAfterAFailover() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      List<VersionedCache<Integer, String>> fleet = new ArrayList<>();
      for (int process = 0; process < PROCESSES; process++) {
        fleet.add(newProcess(threads, timer));
      }

      readOneKeyAtOnce(fleet, threads);
      assertCosts("a key that all processes read at once", 1, 1);

      readAllKeys(fleet, threads, 1);
      assertCosts("all keys, many at a time", KEYS, 1);

      readAllKeys(fleet, threads, 2);
      assertCosts("all keys again, by other processes", KEYS, 1);

      store.failOver(nothing);
      locks.held().set(0);
      readOneKeyAtOnce(fleet, threads);
      readAllKeys(fleet, threads, 3);
      assertCosts("all of it after a failover that lost all", 2L * KEYS, 2);
      fleet.forEach(VersionedCache::close);
    } finally {
      threads.shutdownNow();
      timer.shutdownNow();
    }
  }

  private VersionedCache<Integer, String> newProcess(
      ExecutorService threads, ScheduledExecutorService timer) {
    return VersionedCache.<Integer, String>builder("large")
        .source(BulkSource.of(this::load, this::loadAll))
        .store(store)
        .locks(locks)
        .codec(JsonCodec.of(String.class))
        .ttl(FAR)
        .deadline(FAR)
        .claimLife(FAR)
        .maxLoadTime(FAR)
        .executor(threads)
        .scheduler(timer)
        .build();
  }

  /** The load of the key that all read lasts until all others have found its lock held. */
  private Row<String> load(int key) throws InterruptedException {
    while (key == 0 && locks.held().get() < PROCESSES - 1) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return loadedTogether(key);
  }

  private Row<String> loadedTogether(int key) {
    loads.incrementAndGet(key);
    return Row.present("value of " + key, 1);
  }

  private Map<Integer, Row<String>> loadAll(Collection<Integer> keys) {
    return keys.stream().collect(Collectors.toMap(Function.identity(), this::loadedTogether));
  }

  /** A thread for each process; all begin together. */
  private static void readOneKeyAtOnce(
      List<VersionedCache<Integer, String>> fleet, ExecutorService threads) throws Exception {
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<String>> reads = new ArrayList<>();
    for (VersionedCache<Integer, String> process : fleet) {
      reads.add(
          threads.submit(
              () -> {
                begin.await();
                return process.get(0).orElseThrow();
              }));
    }
    begin.countDown();
    for (Future<String> read : reads) {
      assertThat(read.get()).isEqualTo("value of 0");
    }
  }

  /** Many keys at a time, by a process at random; now and then by two at once. */
  private static void readAllKeys(
      List<VersionedCache<Integer, String>> fleet, ExecutorService threads, long seed)
      throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    for (int first = 0; first < KEYS; first += MANY) {
      List<Integer> keys = IntStream.range(first, Math.min(first + MANY, KEYS)).boxed().toList();
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < (first / MANY % 10 == 0 ? 2 : 1); reader++) {
        VersionedCache<Integer, String> process = fleet.get(random.nextInt(PROCESSES));
        readers.add(threads.submit(() -> process.getAll(keys).size()));
      }
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isEqualTo(keys.size());
      }
    }
  }

  private void assertCosts(String what, long loaded, long locked) {
    long sum = 0;
    for (int key = 0; key < KEYS; key++) {
      sum += loads.get(key);
    }
    System.out.printf(
        "%s: %,d rows loaded and %,d locks acquired so far, by %,d processes%n",
        what, sum, locks.acquired().get(), PROCESSES);
    assertThat(sum).isEqualTo(loaded);
    assertThat(locks.acquired()).hasValue(locked);
  }
}
