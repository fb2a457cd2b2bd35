package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.spi.Slot;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisDataException;

class RedisClockIT {
  private static final long FAR_MILLIS = Duration.ofHours(1).toMillis();

  private static RedisServer server;
  private static RedisClient client;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);
  private SlotClock clock;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    client = server.client();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @BeforeEach
  void startAnew() {
    client.flushAll();
    clock = new RedisClock(new Commands(client), nanos::get).of(Verbs.KEY);
    forgetQuestions();
  }

  @Test
  void estimate_first_askedTheServer() {
    // The server runs on this machine, so it has the same clock.
    long before = System.currentTimeMillis();
    assertThat(clock.estimate()).isBetween(before, before + FAR_MILLIS);
    assertThat(questions()).isOne();
  }

  @Test
  void estimate_soonAgain_goesOnByTicker() {
    long first = clock.estimate();
    pass(Duration.ofSeconds(9));
    assertThat(clock.estimate()).isEqualTo(first + 9_000);
    assertThat(questions()).isOne();
  }

  @Test
  void estimate_sampleOld_asksAgain() {
    long first = clock.estimate();
    // The ticker ran an hour ahead of the server; asking the server corrects the estimate.
    pass(Duration.ofHours(1));
    assertThat(clock.estimate()).isBetween(first, first + FAR_MILLIS - 1);
    assertThat(questions()).isEqualTo(2);
  }

  /** The answer is old when it arrives, which the estimate must include. */
  @Test
  void estimate_slowAnswer_neverBehindTheServer() {
    Duration trip = Duration.ofSeconds(5);
    SlotClock behindSlowNetwork =
        new RedisClock(new Commands(client), () -> nanos.getAndAdd(trip.toNanos())).of(Verbs.KEY);
    long before = System.currentTimeMillis();
    assertThat(behindSlowNetwork.estimate()).isGreaterThanOrEqualTo(before + trip.toMillis());
  }

  @Test
  void estimate_sampleOldAndNobodyTells_oldOneServes() {
    long first = clock.estimate();
    pass(Duration.ofHours(1));
    refuseTime(() -> assertThat(clock.estimate()).isEqualTo(first + FAR_MILLIS));
    forgetQuestions();
    // Reads do not keep asking a server that has just not answered.
    assertThat(clock.estimate()).isEqualTo(first + FAR_MILLIS);
    assertThat(questions()).isZero();
    pass(Duration.ofSeconds(1));
    assertThat(clock.estimate()).isLessThan(first + FAR_MILLIS);
  }

  @Test
  void estimate_whileAnotherThreadAsks_oldOneServes() {
    long first = clock.estimate();
    pass(Duration.ofHours(1));
    server.pause();
    CompletableFuture<Long> asking;
    try {
      asking = CompletableFuture.supplyAsync(clock::estimate);
      await().until(() -> client.getPool().getNumActive() == 1);

      assertThat(clock.estimate()).isEqualTo(first + FAR_MILLIS);
      assertThat(asking).isNotDone();
    } finally {
      server.resume();
    }
    assertThat(asking)
        .succeedsWithin(Awaiting.LIMIT)
        .satisfies(millis -> assertThat(millis).isLessThan(first + FAR_MILLIS));
  }

  @Test
  void estimate_firstAndNobodyTells_fails() {
    refuseTime(
        () -> assertThatExceptionOfType(JedisDataException.class).isThrownBy(clock::estimate));
  }

  @Test
  void roughEstimate_sampleMinutesOld_nobodyIsAsked() {
    long first = clock.roughEstimate();
    pass(Duration.ofMinutes(9));
    assertThat(clock.roughEstimate()).isEqualTo(first + Duration.ofMinutes(9).toMillis());
    assertThat(questions()).isOne();
    pass(Duration.ofHours(1));
    assertThat(clock.roughEstimate()).isLessThan(first + FAR_MILLIS);
    assertThat(questions()).isEqualTo(2);
  }

  @Test
  void roughEstimate_firstAndNobodyTells_nothingIsKnown() {
    refuseTime(() -> assertThat(clock.roughEstimate()).isZero());
  }

  /** Redis still has the entry, and removes it in time. */
  @Test
  void read_entryWithoutGraceAndNobodyTells_hit() {
    RedisStore store = RedisStore.create(client);
    Verbs.claim(store);
    Verbs.fill(store);
    refuseTime(() -> assertThat(store.read(Verbs.KEY).isHit()).isTrue());
  }

  @Test
  void read_manyEntries_timeAskedOnce() {
    RedisStore store = RedisStore.create(client);
    Verbs.claim(store);
    Verbs.fill(store);
    forgetQuestions();
    for (int i = 0; i < 100; i++) {
      assertThat(store.read(Verbs.KEY).isHit()).isTrue();
    }
    assertThat(questions()).isOne();
  }

  @Test
  void read_empty_timeNotAsked() {
    RedisStore store = RedisStore.create(client);
    assertThat(store.read(Verbs.KEY)).isEqualTo(new Slot.Empty());
    assertThat(questions()).isZero();
  }

  private static void refuseTime(Runnable meanwhile) {
    server.run(Protocol.Command.ACL, "SETUSER", "default", "-time");
    try {
      meanwhile.run();
    } finally {
      server.run(Protocol.Command.ACL, "SETUSER", "default", "+time");
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Counts calls by scripts too, which read the time when they write. */
  private static void forgetQuestions() {
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
  }

  private static long questions() {
    return server.calls("time");
  }
}
