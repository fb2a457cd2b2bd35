package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;

/** Which server a store asks for the time, when some servers of a cluster are down. */
class ClusterTimeIT {
  private static final Duration LIFE = Duration.ofHours(1);

  /** Processes that have not asked yet: so many that a server picked at random would vary. */
  private static final int FIRST_READS = 30;

  private RedisCluster cluster;
  private RedisClusterClient client;
  private SlotKey key;

  @BeforeEach
  void start() {
    cluster = RedisCluster.start(3);
    client = cluster.client(1);
    key = cluster.keyOfFirstMaster("timed");
  }

  @AfterEach
  void stop() {
    client.close();
    cluster.close();
  }

  @Test
  void read_clockIsNeeded_asksTheSlotsOwnServer() {
    fill(LIFE);
    List<RedisServer> masters = cluster.masters();
    masters.forEach(master -> master.run(Protocol.Command.CONFIG, "RESETSTAT"));

    readByAnyProcess();

    assertThat(masters)
        .extracting(master -> master.calls("time"))
        .containsExactly((long) FIRST_READS, 0L, 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT1H"})
  void read_otherMasterIsGone_hit(Duration grace) {
    fill(grace);
    cluster.serveWhatIsLeft();
    cluster.masters().get(1).stop();

    readByAnyProcess();
  }

  private void fill(Duration grace) {
    RedisStore store = RedisStore.create(client);
    store.claim(key, 1, ClaimMode.UNLESS_PRESENT, LIFE, Duration.ZERO);
    store.fill(
        key,
        1,
        new EncodedRow.Absent(Version.NONE),
        FloorRule.AT_OR_ABOVE,
        new Lifetime(LIFE, grace));
  }

  private void readByAnyProcess() {
    for (int i = 0; i < FIRST_READS; i++) {
      Slot slot = RedisStore.create(client).read(key);
      assertThat(slot.isHit()).isTrue();
    }
  }
}
