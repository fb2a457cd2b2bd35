package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClusterClient;

/** A cluster that has grown since a client last read its topology. */
class ClusterGrowthIT {
  private static final int HASH_SLOTS_OF_NEW_MASTER = 4_000;
  private static final int SLOTS = 100;

  @Test
  void clear_masterThatClientHasNotSeen_visitedToo() {
    try (RedisCluster cluster = RedisCluster.start(2);
        RedisClusterClient early = cluster.client()) {
      cluster.grow(HASH_SLOTS_OF_NEW_MASTER);
      try (RedisClusterClient late = cluster.client()) {
        RedisStore store = RedisStore.create(late);
        for (int i = 0; i < SLOTS; i++) {
          SlotKey key = new SlotKey("grown", "key " + i);
          store.claim(key, 1, ClaimMode.UNLESS_PRESENT, Duration.ofHours(1), Duration.ZERO);
        }
      }
      assertThat(RedisStore.create(early).clear("grown")).isEqualTo(SLOTS);
    }
  }
}
