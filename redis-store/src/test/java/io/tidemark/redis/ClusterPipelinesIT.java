package io.tidemark.redis;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClusterClient;

/** Pipelines to several servers of a cluster at once. */
class ClusterPipelinesIT {
  private static final int HASH_SLOTS_OF_ONE_OF_TWO = 8_192;
  private static final int ROUNDS = 200;
  private static final Duration LIFE = Duration.ofHours(1);

  /** In the order of their hash slots, so that the first and the last have different servers. */
  private static final List<SlotKey> KEYS =
      IntStream.range(0, 30)
          .mapToObj(i -> new SlotKey("spread", "key " + i))
          .sorted(Comparator.comparingInt(RedisCluster::hashSlot))
          .toList();

  /** Where each took the first server of its own keys first, both would wait for the other. */
  @Test
  void readAll_lastConnectionsOfAllServers_callersDoNotWaitForEachOther() throws Exception {
    List<SlotKey> reversed = new ArrayList<>(KEYS);
    Collections.reverse(reversed);
    ConnectionPoolConfig narrow = new ConnectionPoolConfig();
    narrow.setMaxTotal(1);
    try (RedisCluster cluster = RedisCluster.start(2);
        RedisClusterClient client = cluster.client(1, DefaultJedisClientConfig.builder(), narrow)) {
      RedisStore store = RedisStore.create(client);
      List<CompletableFuture<Void>> callers = new ArrayList<>();
      for (List<SlotKey> keys : List.of(KEYS, reversed)) {
        callers.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < ROUNDS; i++) {
                    assertAnswered(store.readAll(keys));
                  }
                }));
      }
      for (CompletableFuture<Void> caller : callers) {
        caller.get(Awaiting.LIMIT.toMillis(), MILLISECONDS);
      }
    }
  }

  /** The client learns of it by single commands only. */
  @Test
  void readAll_serverLostAfterItsHashSlotsHaveMoved_newServerIsFoundForNextCall() {
    try (RedisCluster cluster = RedisCluster.start(2);
        RedisClusterClient client = cluster.client(1)) {
      RedisStore store = RedisStore.create(client);
      assertAnswered(store.claimAll(KEYS, -5, ClaimMode.IF_FREE, LIFE, LIFE));
      cluster.grow(HASH_SLOTS_OF_ONE_OF_TWO);
      cluster.serveWhatIsLeft();
      cluster.masters().get(1).close();

      // May fail for what the lost server had; it finds the new one for itself where it is
      // repeated.
      store.readAll(KEYS);
      assertAnswered(store.readAll(KEYS));
    }
  }

  private static void assertAnswered(List<? extends Reply<?>> replies) {
    assertThat(replies).hasSize(KEYS.size()).allMatch(Reply.Answered.class::isInstance);
  }
}
