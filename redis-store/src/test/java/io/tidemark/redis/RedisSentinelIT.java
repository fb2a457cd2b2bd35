package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.RefusedException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisSentinelClient;

/** A client that learns from a Sentinel which server is the master. */
class RedisSentinelIT {
  private static final String MASTER = "master";

  private static RedisServer server;
  private static RedisServer sentinel;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    sentinel = RedisServer.startSentinelOf(server, MASTER);
  }

  @AfterAll
  static void stop() {
    sentinel.close();
    server.close();
  }

  @Test
  void check_poolWithLimits_findsNothing() {
    try (RedisSentinelClient client = client(Awaiting.LIMIT);
        RedisLocks locks = RedisLocks.create(client)) {
      assertThat(RedisStore.create(client).check()).isEmpty();
      assertThat(locks.check("users")).isEmpty();
    }
  }

  @Test
  void check_poolWithoutLimit_isAWarning() {
    try (RedisSentinelClient client = client(Duration.ofMillis(-1))) {
      assertThat(RedisStore.create(client).check())
          .extracting(Finding::subject)
          .containsExactly("Jedis pool maxWait");
    }
  }

  @Test
  void read_connectionBroke_repeatedOnANewOne() {
    try (RedisSentinelClient client = client(Awaiting.LIMIT)) {
      RedisStore store = RedisStore.create(client);
      Verbs.claim(store);
      server.run(Command.CLIENT, "KILL", "TYPE", "normal");

      assertThat(store.read(Verbs.KEY)).isInstanceOf(Slot.Pending.class);
    }
  }

  @Test
  void read_clientClosed_refused() {
    RedisSentinelClient client = client(Awaiting.LIMIT);
    RedisStore store = RedisStore.create(client);
    client.close();

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> store.read(Verbs.KEY))
        .withMessageContaining("closed");
  }

  @Test
  void awaitGone_locksOfASentinelsMaster_receiveMessages() throws Exception {
    try (RedisSentinelClient client = client(Awaiting.LIMIT);
        RedisLocks locks = RedisLocks.create(client);
        LockHandle handle = acquireOnceFree(locks, Verbs.KEY)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(Verbs.KEY, patience());
      assertThat(held.holder().awaitGone(Deadline.after(Duration.ofMillis(10)))).isFalse();

      await().until(() -> client.publish(ScriptedLocks.CHANNEL, "") == 1);
    }
  }

  private static RedisSentinelClient client(Duration maxWait) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(LockRequests.THREADS + 1);
    pool.setMaxWait(maxWait);
    int timeoutMillis = Math.toIntExact(Awaiting.LIMIT.toMillis());
    return RedisSentinelClient.builder()
        .masterName(MASTER)
        .sentinels(Set.of(RedisServer.address(sentinel.port())))
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(timeoutMillis).build())
        .poolConfig(pool)
        .build();
  }
}
