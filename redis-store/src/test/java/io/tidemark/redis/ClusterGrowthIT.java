package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClusterClient;

/** A cluster that has grown since a client last read its topology. */
class ClusterGrowthIT {
  private static final int HASH_SLOTS_OF_NEW_MASTER = 4_000;
  private static final int SLOTS = 100;
  private static final Duration LIFE = Duration.ofHours(1);

  @Test
  void verbsForMany_masterThatClientHasNotSeen_askedToo() {
    List<SlotKey> keys =
        IntStream.range(0, SLOTS).mapToObj(i -> new SlotKey("moved", "key " + i)).toList();
    try (RedisCluster cluster = RedisCluster.start(2);
        RedisClusterClient reader = cluster.client();
        RedisClusterClient writer = cluster.client()) {
      RedisStore readers = RedisStore.create(reader);
      RedisStore writers = RedisStore.create(writer);
      cluster.grow(HASH_SLOTS_OF_NEW_MASTER);

      assertThat(writers.claimAll(keys, -5, ClaimMode.IF_FREE, LIFE, LIFE))
          .containsOnly(new Reply.Answered<>(new ClaimAnswer.Claimed(Version.NONE)));
      assertThat(readers.readAll(keys))
          .allSatisfy(reply -> assertThat(reply.get().bare()).isEqualTo(new Slot.Pending(-5, -1)));

      cluster.serveWhatIsLeft();
      cluster.masters().get(0).close();
      assertThat(readers.readAll(keys))
          .hasAtLeastOneElementOfType(Reply.Answered.class)
          .hasAtLeastOneElementOfType(Reply.Failed.class)
          .allSatisfy(
              reply -> {
                if (reply instanceof Reply.Failed<Slot> failed) {
                  assertThat(failed.failure()).isInstanceOf(UnavailableException.class);
                }
              });
      assertThat(writers.renewAll(keys, -5, LIFE))
          .hasAtLeastOneElementOfType(Reply.Answered.class)
          .hasAtLeastOneElementOfType(Reply.Failed.class);
    }
  }

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
