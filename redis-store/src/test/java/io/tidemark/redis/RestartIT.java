package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.spi.Slot;
import io.tidemark.testkit.Awaiting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.util.Pool;

/** Calls after a restart of Redis, which breaks every idle connection of the pool. */
class RestartIT {
  private static final int CONNECTIONS = 8;

  private RedisServer server;
  private RedisClient client;
  private RedisStore store;

  @BeforeEach
  void start() {
    server = RedisServer.start();
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    // A broken connection is replaced at once; the new one must not be the next to be used, because
    // the second try must not meet a broken one again, as it might among many threads.
    pool.setLifo(false);
    client = RedisServer.client(server.port(), Awaiting.LIMIT, pool);
    store = RedisStore.create(client);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void read_oneAfterTheOther_allSucceed() {
    fill(client.getPool());
    server.restart();
    for (int i = 0; i < CONNECTIONS; i++) {
      assertThat(store.read(Verbs.KEY)).isEqualTo(new Slot.Empty());
    }
  }

  /**
   * What may have been done is for the cache to repeat, which it does, but not for each of them.
   */
  @ParameterizedTest
  @MethodSource("io.tidemark.redis.Verbs#sentOnce")
  void verb_oneAfterTheOther_onlyTheFirstFails(String name, Consumer<RedisStore> verb) {
    fill(client.getPool());
    server.restart();
    assertThatExceptionOfType(OutcomeUnknownException.class).isThrownBy(() -> verb.accept(store));
    for (int i = 1; i < CONNECTIONS; i++) {
      verb.accept(store);
    }
  }

  @Test
  void clear_idleConnectionsAreBroken_succeeds() {
    fill(client.getPool());
    server.restart();
    assertThat(store.clear(Verbs.KEY.cache())).isZero();
  }

  @Test
  void read_threadsAtOnce_allSucceed() throws Exception {
    fill(client.getPool());
    server.restart();
    int threads = CONNECTIONS / 2;
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Slot>> reads = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        reads.add(
            pool.submit(
                () -> {
                  start.await();
                  return store.read(Verbs.KEY);
                }));
      }
      for (Future<Slot> read : reads) {
        assertThat(read.get()).isEqualTo(new Slot.Empty());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void read_clusterClientOfOneAttempt_succeeds() {
    try (RedisCluster cluster = RedisCluster.start(1);
        RedisClusterClient single = cluster.client(1)) {
      RedisStore storeOfCluster = RedisStore.create(single);
      fill(single.getClusterNodes().values().iterator().next());
      cluster.killClients();
      for (int i = 0; i < CONNECTIONS; i++) {
        assertThat(storeOfCluster.read(Verbs.KEY)).isEqualTo(new Slot.Empty());
      }
    }
  }

  /** Opens so many connections, and returns them to the pool. */
  static void fill(Pool<Connection> pool) {
    List<Connection> borrowed = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      Connection connection = pool.getResource();
      assertThat(connection.ping()).isTrue();
      borrowed.add(connection);
    }
    borrowed.forEach(Connection::close);
    assertThat(pool.getNumIdle()).isEqualTo(CONNECTIONS);
  }
}
