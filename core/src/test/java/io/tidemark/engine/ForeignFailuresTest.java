package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Codec;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.RefreshAhead;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Everything that reads call and that is not the cache's own throws, once, at each place where it
 * is called: an error or an exception that nobody has announced. Whatever became of the reads then,
 * the keys are read afterwards as if nothing had happened.
 */
class ForeignFailuresTest {
  private static final Duration TTL = Duration.ofSeconds(100);
  private static final List<String> KEYS = List.of("a", "b", "c");

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final Set<String> places = ConcurrentHashMap.newKeySet();

  /** Which call throws; none if zero. */
  private volatile int failing;

  private volatile Throwable failure = new IllegalStateException();

  /** Where the last call threw. */
  private volatile String failed = "nowhere";

  private volatile boolean storeIsAway;

  @AfterEach
  void close() {
    threads.shutdownNow();
  }

  @Test
  void reads_anyForeignCallThrowsOnce_areAsEverAfterwards() throws Exception {
    int all = callsOf(0, new IllegalStateException());
    assertThat(places)
        .contains("source", "replica", "encode", "decode", "key", "listener", "execute", "schedule")
        .contains("read", "claim", "fill", "refresh", "tryAcquire");
    for (int call = 1; call <= all; call++) {
      callsOf(call, new IllegalStateException("unannounced"));
      callsOf(call, new NoClassDefFoundError("unannounced"));
    }
  }

  /** Reads in every way while a call throws, and afterwards; returns how many calls there were. */
  private int callsOf(int failing, Throwable failure) throws Exception {
    calls.set(0);
    failed = "nowhere";
    this.failure = failure;
    this.failing = failing;
    try (Fleet fleet = new Fleet();
        VersionedCache<String, String> cache = cache(fleet)) {
      KEYS.forEach(key -> fleet.table.put(key, "old", 1));
      readInEveryWay(fleet, cache);
      await().until(() -> underWay.get() == 0);
      this.failing = 0;
      int made = calls.get();

      for (String key : KEYS) {
        String where = "%s, after %s at %s".formatted(key, failure, failed);
        fleet.table.put(key, "new", 2);
        fleet.store.evict(slotKey(key));
        assertThat(cache.get(key)).as(where).hasValue("new");
        // One whose encoding failed just now is read past the lock once more.
        assertThat(cache.get(key)).as(where).hasValue("new");
        assertThat(cache.read(key).origin()).as(where).isEqualTo(Origin.CACHE);
        assertThat(cache.refresh(key).value()).as(where).hasValue("new");
        assertThat(cache.getAsync(key).get()).as(where).hasValue("new");
        storeIsAway = true;
        assertThat(cache.get(key)).as(where).hasValue("new");
        storeIsAway = false;
      }
      return made;
    }
  }

  private void readInEveryWay(Fleet fleet, VersionedCache<String, String> cache) {
    attempt(() -> cache.get("a"));
    attempt(() -> cache.get("a"));
    attempt(() -> cache.getAsync("b").get());
    attempt(() -> cache.refresh("a"));
    fleet.pass(TTL.multipliedBy(3).dividedBy(4));
    // Refreshed ahead.
    attempt(() -> cache.get("a"));
    await().until(() -> underWay.get() == 0);
    fleet.pass(TTL.plusSeconds(1));
    // Expired, and kept.
    attempt(() -> cache.get("a"));
    storeIsAway = true;
    attempt(() -> cache.get("c"));
    storeIsAway = false;
  }

  @SuppressWarnings("CatchingUnchecked") // What they throw is not what is looked at.
  private static void attempt(Callable<?> call) {
    try {
      call.call();
    } catch (Throwable t) {
      // It is for the calls that come after it.
    }
  }

  private VersionedCache<String, String> cache(Fleet fleet) {
    LockProvider locks =
        (key, deadline) -> {
          foreign("tryAcquire");
          return fleet.locks.tryAcquire(key, deadline);
        };
    return VersionedCache.<String, String>builder("test")
        .profile(Fleet.PATIENT)
        .ttl(TTL)
        .ttlJitter(0)
        .grace(TTL.multipliedBy(10))
        .onFallback(FallbackPolicy.LOAD)
        .maxFallbackLoads(1)
        .refreshAhead(RefreshAhead.afterFraction(0.5))
        .keyEncoder(
            key -> {
              foreign("key");
              return key;
            })
        .source(
            key -> {
              foreign("source");
              return fleet.table.load(key);
            })
        .replicaLag(Duration.ofSeconds(1))
        .replica(
            key -> {
              foreign("replica");
              return fleet.table.load(key);
            })
        .store(new FailingStore(fleet))
        .locks(locks)
        .codec(new FailingCodec())
        .listener(event -> foreign("listener"))
        .executor(this::execute)
        .scheduler(new FailingScheduler())
        .build();
  }

  private void execute(Runnable task) {
    foreign("execute");
    underWay.incrementAndGet();
    threads.execute(
        () -> {
          try {
            task.run();
          } finally {
            underWay.decrementAndGet();
          }
        });
  }

  private void foreign(String place) {
    places.add(place);
    if (calls.incrementAndGet() == failing) {
      failed = place;
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }
  }

  private final class FailingScheduler extends ScheduledThreadPoolExecutor {
    FailingScheduler() {
      super(1);
      setRemoveOnCancelPolicy(true);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      foreign("schedule");
      return super.schedule(task, delay, unit);
    }
  }

  private final class FailingCodec implements Codec<String> {
    private final StringCodec codec = new StringCodec();

    @Override
    public byte[] encode(String value) {
      foreign("encode");
      return codec.encode(value);
    }

    @Override
    public String decode(byte[] bytes) {
      foreign("decode");
      return codec.decode(bytes);
    }
  }

  private final class FailingStore extends ForwardingStore {
    FailingStore(Fleet fleet) {
      super(fleet.store);
    }

    @Override
    public Slot read(SlotKey key) {
      foreign("read");
      if (storeIsAway) {
        throw new UnavailableException(key, "connection refused", null);
      }
      return super.read(key);
    }

    @Override
    public ClaimAnswer claim(
        SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
      foreign("claim");
      return super.claim(key, fence, mode, claimLife, floorLife);
    }

    @Override
    public boolean abandon(SlotKey key, long fence) {
      foreign("abandon");
      return super.abandon(key, fence);
    }

    @Override
    public FillAnswer fill(
        SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
      foreign("fill");
      return super.fill(key, fence, row, rule, lifetime);
    }

    @Override
    public RefreshAnswer refresh(
        SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
      foreign("refresh");
      return super.refresh(key, row, lifetime, floorLife);
    }
  }
}
