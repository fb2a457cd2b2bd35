package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Version;
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
    server.run(Protocol.Command.CONFIG, "RESETSTAT");
  }

  @Test
  void hasReached_first_askedTheServer() {
    // The server runs on this machine, so the clocks are one.
    long now = System.currentTimeMillis();
    assertThat(clock.hasReached(now)).isTrue();
    assertThat(clock.hasReached(now + FAR_MILLIS)).isFalse();
    assertThat(questions()).isOne();
  }

  @Test
  void hasReached_soonAgain_goesOnByTicker() {
    long start = System.currentTimeMillis();
    assertThat(clock.hasReached(start)).isTrue();
    pass(Duration.ofSeconds(9));
    assertThat(clock.hasReached(start + 9_000)).isTrue();
    assertThat(questions()).isOne();
  }

  @Test
  void hasReached_sampleOld_asksAgain() {
    long start = System.currentTimeMillis();
    assertThat(clock.hasReached(start + FAR_MILLIS)).isFalse();
    // The ticker ran an hour ahead of the server, which is asked and set right.
    pass(Duration.ofHours(1));
    assertThat(clock.hasReached(start + FAR_MILLIS)).isFalse();
    assertThat(questions()).isEqualTo(2);
  }

  /** The answer took a while, so it is old when it arrives: the estimate must count that in. */
  @Test
  void hasReached_slowAnswer_neverBehindTheServer() {
    Duration trip = Duration.ofSeconds(5);
    RedisClock behindSlowNetwork = new RedisClock(client, () -> nanos.getAndAdd(trip.toNanos()));
    assertThat(behindSlowNetwork.hasReached(System.currentTimeMillis() + trip.toMillis())).isTrue();
  }

  @Test
  void read_entriesWithoutGrace_timeNotAsked() {
    RedisStore store = RedisStore.create(client);
    Duration life = Duration.ofHours(1);
    store.claim(Verbs.KEY, 1, ClaimMode.UNLESS_PRESENT, life);
    store.fill(
        Verbs.KEY,
        1,
        new EncodedRow.Absent(Version.NONE),
        FloorRule.AT_OR_ABOVE,
        new Lifetime(life, Duration.ZERO));
    assertThat(store.read(Verbs.KEY).isHit()).isTrue();
    assertThat(questions()).isZero();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static long questions() {
    return client
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_time:calls="))
        .map(line -> line.replaceAll("^cmdstat_time:calls=|,.*$", ""))
        .mapToLong(Long::parseLong)
        .sum();
  }
}
