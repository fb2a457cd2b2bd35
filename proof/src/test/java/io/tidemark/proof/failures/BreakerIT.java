package io.tidemark.proof.failures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.tidemark.FallbackPolicy;
import io.tidemark.JsonCodec;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.memory.LocalLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.resilience4j.BreakerStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.RedisClient;

/** A circuit breaker around a real Redis that falls silent, or is started again. */
@Timeout(60)
class BreakerIT {
  private static final Duration REDIS_LIMIT = Duration.ofMillis(200);
  private static final int READS = 1_000;
  private static final int READERS = 100;
  private static final int MOST_LOADS = 16;
  private static final int IDLE_CONNECTIONS = 60;

  private static final int WINDOW = 10;
  private static final int FAILURES_TO_OPEN = 8;

  /** Recovery is to be noticed within a second; a busy machine may take longer to tell. */
  private static final Duration RECOVERY = Duration.ofSeconds(5);

  private final AtomicInteger loading = new AtomicInteger();
  private final AtomicInteger mostLoading = new AtomicInteger();
  private final ExecutorService readers = Executors.newFixedThreadPool(READERS);
  private Line line;
  private RedisClient client;
  private BreakerStore store;
  private VersionedCache<String, String> cache;

  @BeforeEach
  void start() throws Exception {
    line = Line.to(Backend.redis());
    client = Clients.redis(line.port(), REDIS_LIMIT);
    store = BreakerStore.builder(RedisStore.create(client)).build();
    Source<String, String> source = this::load;
    cache =
        VersionedCache.<String, String>builder("breaker")
            .source(source)
            .store(store)
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(String.class))
            .deadline(Duration.ofSeconds(30))
            .onFallback(FallbackPolicy.LOAD)
            .maxFallbackLoads(MOST_LOADS)
            .build();
    for (int i = 0; i < WINDOW; i++) {
      assertThat(cache.get("first")).hasValue("first");
    }
  }

  @AfterEach
  void stop() throws Exception {
    readers.shutdownNow();
    cache.close();
    store.close();
    client.close();
    line.close();
  }

  private Row<String> load(String key) throws InterruptedException {
    mostLoading.accumulateAndGet(loading.incrementAndGet(), Math::max);
    try {
      TimeUnit.MILLISECONDS.sleep(2);
      return Row.present(key, 1);
    } finally {
      loading.decrementAndGet();
    }
  }

  @Test
  void read_redisSilent_opensAndNobodyWaitsForItAnyMore() throws Exception {
    line.begin(Fault.SWALLOWING);
    readUntilOpen();
    long refusedBefore = refused();
    long startNanos = System.nanoTime();
    List<Future<ReadResult<String>>> reads = new ArrayList<>();
    for (int i = 0; i < READS; i++) {
      String key = "key-" + i;
      reads.add(readers.submit(() -> cache.read(key)));
    }
    for (Future<ReadResult<String>> read : reads) {
      assertThat(read.get().origin()).isEqualTo(Origin.SOURCE_FALLBACK);
    }
    System.out.printf("%d reads while Redis is silent: %d ms%n", READS, millisSince(startNanos));

    assertThat(refused() - refusedBefore).as("reads that did not ask").isEqualTo(READS);
    assertThat(mostLoading.get()).isBetween(2, MOST_LOADS);
    assertRecovers(Fault.SWALLOWING);
  }

  @Test
  void read_redisGoneAndBack_recoversThoughPooledConnectionsAreBroken() throws Exception {
    client.getPool().addObjects(IDLE_CONNECTIONS);
    line.begin(Fault.GONE);
    readUntilOpen();

    assertRecovers(Fault.GONE);
    assertThat(cache.read("second").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);
    assertThat(cache.read("second").origin()).isEqualTo(Origin.CACHE);
  }

  private void readUntilOpen() {
    for (int i = 0; i < FAILURES_TO_OPEN; i++) {
      assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
      assertThat(cache.get("until-open")).hasValue("until-open");
    }
    assertThat(store.circuitBreaker().getState()).isEqualTo(State.OPEN);
  }

  private void assertRecovers(Fault fault) throws Exception {
    long startNanos = System.nanoTime();
    line.end(fault);
    await()
        .atMost(RECOVERY)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> store.circuitBreaker().getState() == State.CLOSED);
    System.out.printf("recovery after %s: %d ms%n", fault, millisSince(startNanos));
  }

  private long refused() {
    return store.circuitBreaker().getMetrics().getNumberOfNotPermittedCalls();
  }

  private static long millisSince(long startNanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
  }
}
