package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;

/** A cluster of masters and replicas that changes under load. */
class ClusterFailoverIT {
  private static final int MOST_ATTEMPTS = RedisClusterClient.DEFAULT_MAX_ATTEMPTS;
  private RedisCluster cluster;

  @BeforeEach
  void start() {
    cluster = RedisCluster.startWithReplicas(3);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void check_clusterWithReplicas_findsNothing() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxWait(Awaiting.LIMIT);
    for (RedisServer master : cluster.masters()) {
      master.run(Protocol.Command.CONFIG, "SET", "min-replicas-to-write", "1");
      await().until(() -> RedisCluster.info(master).contains("min_slaves_good_slaves:1"));
    }
    try (RedisClusterClient client = cluster.client(1, DefaultJedisClientConfig.builder(), pool)) {
      assertThat(RedisStore.create(client).check()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, MOST_ATTEMPTS})
  void verbs_replicasTakeOver_noneFailsOrRunsTwice(int attempts) {
    try (RedisClusterClient client = cluster.client(attempts);
        ClusterLoad load = new ClusterLoad(RedisStore.create(client))) {
      for (RedisServer replica : cluster.replicas()) {
        RedisCluster.failOver(replica);
        load.awaitTwoPasses();
      }

      assertThat(load.failures()).isEmpty();
      assertThat(load.surprisesWhereSlotsAreLost()).isEmpty();
    }
  }

  /** What the master had not told its replica yet is lost, so that answers may surprise. */
  @ParameterizedTest
  @ValueSource(ints = {1, MOST_ATTEMPTS})
  void verbs_masterKilled_failuresTellAndEndOnceTheReplicaIsPromoted(int attempts) {
    RedisServer killed = cluster.masters().get(0);
    try (RedisClusterClient client = cluster.client(attempts);
        ClusterLoad load = new ClusterLoad(RedisStore.create(client))) {
      load.awaitTwoPasses();
      cluster.setNodeTimeout(Duration.ofSeconds(5));
      killed.kill();
      RedisCluster.awaitPromoted(cluster.replicas().get(0));
      load.awaitTwoPasses();

      assertThat(load.failures())
          .isNotEmpty()
          .allSatisfy(
              failure ->
                  assertThat(failure)
                      .isInstanceOfAny(UnavailableException.class, OutcomeUnknownException.class)
                      .hasMessageContaining(", at 127.0.0.1:"));
      assertThat(load.surprises()).noneMatch(surprise -> surprise.contains("SAME"));
      assertThat(RedisStore.create(client).clear("load")).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, MOST_ATTEMPTS})
  void verbs_masterAddedAndRemovedAndOthersClear_noneFailsOrRunsTwice(int attempts) {
    try (RedisClusterClient client = cluster.client(attempts);
        ClusterLoad load = new ClusterLoad(RedisStore.create(client))) {
      RedisStore store = RedisStore.create(client);
      RedisServer first = cluster.masters().get(0);
      RedisServer added = cluster.addEmptyMaster();
      List<Integer> hashSlots =
          ClusterLoad.keys().stream()
              .map(RedisCluster::hashSlot)
              .filter(hashSlot -> hashSlot < RedisCluster.HASH_SLOTS / 3)
              .distinct()
              .toList();
      assertThat(hashSlots).hasSizeGreaterThan(10);

      hashSlots.forEach(hashSlot -> move(hashSlot, first, added));
      load.awaitTwoPasses();
      assertThat(store.clear("empty")).isZero();
      hashSlots.forEach(hashSlot -> move(hashSlot, added, first));
      load.awaitTwoPasses();
      cluster.remove(added);
      load.awaitTwoPasses();

      assertThat(load.failures()).isEmpty();
      assertThat(load.surprisesWhereSlotsAreLost()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, MOST_ATTEMPTS})
  void verbs_oneMasterIsFlushedAndTheCacheCleared_noneFails(int attempts) {
    try (RedisClusterClient client = cluster.client(attempts);
        ClusterLoad load = new ClusterLoad(RedisStore.create(client))) {
      cluster.masters().get(0).run(Protocol.Command.FLUSHALL);
      load.awaitTwoPasses();
      RedisStore.create(client).clear("load");
      load.awaitTwoPasses();

      assertThat(load.failures()).isEmpty();
      assertThat(load.surprises()).isNotEmpty().noneMatch(text -> text.contains("SAME"));
    }
  }

  private void move(int hashSlot, RedisServer from, RedisServer to) {
    cluster.beginMove(hashSlot, from, to);
    String slot = Integer.toString(hashSlot);
    List<?> names;
    do {
      names = (List<?>) from.run(Protocol.Command.CLUSTER, "GETKEYSINSLOT", slot, "100");
      names.forEach(name -> cluster.migrate(new String((byte[]) name, UTF_8), from, to));
    } while (!names.isEmpty());
    cluster.endMove(hashSlot, from, to);
  }
}
