package io.tidemark.proof.failures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.resilience4j.BreakerStore;
import io.tidemark.servers.RestartableServer;
import io.tidemark.testkit.FreePort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * A circuit breaker around a real Redis that falls silent, or is started again. The breaker's time
 * is moved by hand, so that it probes when the test says.
 */
class BreakerIT {
  private static final int READS = 1_000;
  private static final int READERS = 100;
  private static final int MOST_LOADS = 16;
  private static final int IDLE_CONNECTIONS = 60;

  private static final int WINDOW = 10;
  private static final int FAILURES_TO_OPEN = 8;

  private static final Duration PROBE_INTERVAL = Duration.ofMillis(250);
  private static final Duration MOMENT = Duration.ofNanos(1);

  private final HandMovedTime time = new HandMovedTime();
  private final AtomicInteger loading = new AtomicInteger();
  private final AtomicInteger mostLoading = new AtomicInteger();
  private final CountDownLatch crowd = new CountDownLatch(MOST_LOADS);
  private final ExecutorService readers = Executors.newFixedThreadPool(READERS);
  private RestartableServer redis;
  private Line line;

  // Each test builds them first.
  @SuppressWarnings("NullAway.Init")
  private RedisClient client;

  @SuppressWarnings("NullAway.Init")
  private TimedStore timed;

  @SuppressWarnings("NullAway.Init")
  private BreakerStore store;

  @SuppressWarnings("NullAway.Init")
  private VersionedCache<String, String> cache;

  @BeforeEach
  void start() throws Exception {
    redis = RestartableServer.redis(FreePort.any());
    redis.start();
    line = Line.to(redis);
  }

  /**
   * Builds a cache, and connects it to Redis.
   *
   * @param limit of the client
   * @param silence what each verb takes by the hand-moved time that gets no answer
   */
  private void build(Duration limit, Duration silence) {
    client = Clients.redis(line.port(), limit);
    timed = new TimedStore(RedisStore.create(client), time, silence);
    store =
        BreakerStore.builder(timed.store())
            .probeInterval(PROBE_INTERVAL)
            .scheduler(time.scheduler())
            .ticker(time)
            .build();
    Source<String, String> source = this::load;
    cache =
        VersionedCache.<String, String>builder("breaker")
            .source(source)
            .store(store)
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(String.class))
            .deadline(Clients.FAR)
            .onFallback(FallbackPolicy.LOAD)
            .maxFallbackLoads(MOST_LOADS)
            .build();
    await().atMost(FaultyWorld.PATIENCE).ignoreExceptions().until(client::ping, "PONG"::equals);
  }

  @AfterEach
  void stop() throws Exception {
    readers.shutdownNow();
    cache.close();
    store.close();
    client.close();
    line.close();
    redis.stop();
  }

  private Row<String> load(String key) throws InterruptedException {
    mostLoading.accumulateAndGet(loading.incrementAndGet(), Math::max);
    try {
      if (key.startsWith("crowd")) {
        // So that as many load at once as may, while all readers want to.
        crowd.countDown();
        crowd.await();
        while (refused() < READERS) {
          TimeUnit.MILLISECONDS.sleep(1);
        }
      }
      return Row.present(key, 1);
    } finally {
      loading.decrementAndGet();
    }
  }

  @Test
  void read_redisSilent_opensAndNobodyWaitsForItAnyMore() throws Exception {
    build(Clients.NEAR, Clients.NEAR);
    line.begin(Fault.SWALLOWING);
    readUntilOpen();
    assertThat(refused()).isZero();
    int askedBefore = timed.unanswered();
    List<Future<ReadResult<String>>> reads = new ArrayList<>();
    for (int i = 0; i < READS; i++) {
      String key = "crowd-" + i;
      reads.add(readers.submit(() -> cache.read(key)));
    }
    for (Future<ReadResult<String>> read : reads) {
      assertThat(read.get(FaultyWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS).origin())
          .isEqualTo(Origin.SOURCE_FALLBACK);
    }

    assertThat(refused()).as("reads that did not ask").isEqualTo(READS);
    assertThat(timed.unanswered()).as("verbs that asked").isEqualTo(askedBefore);
    assertThat(mostLoading.get()).isEqualTo(MOST_LOADS);
    assertProbesOnceAnInterval();
    line.end(Fault.SWALLOWING);
    assertClosesWithTheFirstAnswer();
  }

  @Test
  void read_redisGoneAndBack_recoversThoughPooledConnectionsAreBroken() throws Exception {
    build(Clients.FAR, Duration.ZERO);
    for (int i = 0; i < WINDOW; i++) {
      assertThat(cache.get("first")).hasValue("first");
    }
    client.getPool().addObjects(IDLE_CONNECTIONS);
    line.begin(Fault.GONE);
    readUntilOpen();
    assertProbesOnceAnInterval();
    line.end(Fault.GONE);
    int unansweredBefore = timed.unanswered();

    assertClosesWithTheFirstAnswer();

    assertThat(timed.unanswered()).as("since it is back").isEqualTo(unansweredBefore);
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

  /** While Redis is away. */
  private void assertProbesOnceAnInterval() {
    int askedBefore = timed.unanswered();
    time.pass(PROBE_INTERVAL.minus(MOMENT));
    assertThat(timed.unanswered()).as("before the interval is over").isEqualTo(askedBefore);
    time.pass(MOMENT);
    assertThat(timed.unanswered()).as("then").isGreaterThan(askedBefore);
    assertThat(store.circuitBreaker().getState()).isEqualTo(State.OPEN);
  }

  /** A busy machine may not answer to the first probe in time, but nobody needs a second answer. */
  private void assertClosesWithTheFirstAnswer() {
    int answeredBefore = timed.answered();
    await()
        .atMost(FaultyWorld.PATIENCE)
        .until(
            () -> {
              time.pass(PROBE_INTERVAL);
              return store.circuitBreaker().getState() == State.CLOSED;
            });
    assertThat(timed.answered()).isEqualTo(answeredBefore + 1);
  }

  private long refused() {
    return store.circuitBreaker().getMetrics().getNumberOfNotPermittedCalls();
  }
}
