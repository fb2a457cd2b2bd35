package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Slot;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

class RedisClockIT {
  private static final long FAR_MILLIS = Duration.ofHours(1).toMillis();

  private static RedisServer server;
  private static RedisClient client;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);
  private RedisClock clock;

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
    clock = new RedisClock(client, nanos::get);
    forgetQuestions();
  }

  @Test
  void millis_first_askedTheServer() {
    // The server runs on this machine, so the clocks are one.
    long before = System.currentTimeMillis();
    assertThat(clock.millis()).isBetween(before, before + FAR_MILLIS);
    assertThat(questions()).isOne();
  }

  @Test
  void millis_soonAgain_goesOnByTicker() {
    long first = clock.millis();
    pass(Duration.ofSeconds(9));
    assertThat(clock.millis()).isEqualTo(first + 9_000);
    assertThat(questions()).isOne();
  }

  @Test
  void millis_sampleOld_asksAgain() {
    long first = clock.millis();
    // The ticker ran an hour ahead of the server, which is asked and set right.
    pass(Duration.ofHours(1));
    assertThat(clock.millis()).isBetween(first, first + FAR_MILLIS - 1);
    assertThat(questions()).isEqualTo(2);
  }

  /** The answer took a while, so it is old when it arrives: the estimate must count that in. */
  @Test
  void millis_slowAnswer_neverBehindTheServer() {
    Duration trip = Duration.ofSeconds(5);
    RedisClock behindSlowNetwork = new RedisClock(client, () -> nanos.getAndAdd(trip.toNanos()));
    long before = System.currentTimeMillis();
    assertThat(behindSlowNetwork.millis()).isGreaterThanOrEqualTo(before + trip.toMillis());
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
    client.flushAll();
    assertThat(store.read(Verbs.KEY)).isEqualTo(new Slot.Empty());
    assertThat(questions()).isZero();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Those of scripts, too, which ask for the time when they write. */
  private static void forgetQuestions() {
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
  }

  private static long questions() {
    return server.calls("time");
  }
}
