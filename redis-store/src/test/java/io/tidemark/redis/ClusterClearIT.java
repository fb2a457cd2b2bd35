package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Clearing a cache whose hash slots move to masters that were scanned already. */
class ClusterClearIT {
  private static final String CACHE = "cleared";
  private static final int SLOTS = 60;

  private RedisCluster cluster;
  private RedisClusterClient client;
  private RedisStore store;

  @BeforeEach
  void fill() {
    cluster = RedisCluster.start(3);
    client = cluster.client(1);
    store = RedisStore.create(client);
    IntStream.range(0, SLOTS).mapToObj(i -> new SlotKey(CACHE, "key " + i)).forEach(this::claim);
  }

  private void claim(SlotKey key) {
    store.claim(key, 1, ClaimMode.ALWAYS, Duration.ofHours(1), Duration.ofHours(1));
  }

  @AfterEach
  void stop() {
    client.close();
    cluster.close();
  }

  @Test
  void clear_keyLeavesForMasterThatWasScanned_removedAllTheSame() {
    Mover mover = new Mover();

    assertThat(store.clear(CACHE, mover)).isEqualTo(SLOTS);

    assertThat(mover.moves).isEqualTo(1);
    assertThat(cluster.masters()).allMatch(master -> size(master) == 0);
  }

  @Test
  void clear_keyHasLeftForMasterWithoutHashSlots_removedThere() {
    RedisServer from = cluster.masters().get(0);
    RedisServer to = cluster.addEmptyMaster();
    String key = anyKey(from);
    cluster.beginMove(hashSlot(key), from, to);
    cluster.migrate(key, from, to);
    assertThat(size(to)).isEqualTo(1);

    assertThat(store.clear(CACHE)).isEqualTo(SLOTS);

    assertThat(cluster.masters()).allMatch(master -> size(master) == 0);
  }

  /** A clear without an end would keep its caller for as long as the cluster is changed. */
  @Test
  void clear_hashSlotMovesDuringEachScan_endsAndTells() {
    String key = anyKey(cluster.masters().get(0));
    List<RedisServer> places = new ArrayList<>(cluster.masters().subList(0, 2));

    assertThatExceptionOfType(OutcomeUnknownException.class)
        .isThrownBy(
            () ->
                store.clear(
                    CACHE,
                    removed -> {
                      move(key, places.get(0), places.get(1));
                      Collections.reverse(places);
                      // The next scan is to find something.
                      claim(new SlotKey(CACHE, "after " + removed));
                    }))
        .withMessageContaining("hash slots of the cluster moved during each of 10 scans");
  }

  /** After the first step of a scan, takes a key from another master to the one just scanned. */
  private final class Mover implements LongConsumer {
    private int moves;

    @Override
    public void accept(long removed) {
      if (moves == 0) {
        RedisServer scanned = masters(size -> size == 0).findFirst().orElseThrow();
        RedisServer other = masters(size -> size > 0).findFirst().orElseThrow();
        move(anyKey(other), other, scanned);
        moves++;
      }
    }
  }

  private Stream<RedisServer> masters(LongPredicate size) {
    return cluster.masters().stream().filter(master -> size.test(size(master)));
  }

  private void move(String key, RedisServer from, RedisServer to) {
    cluster.beginMove(hashSlot(key), from, to);
    cluster.migrate(key, from, to);
    cluster.endMove(hashSlot(key), from, to);
  }

  private static String anyKey(RedisServer server) {
    return new String((byte[]) server.run(Protocol.Command.RANDOMKEY), UTF_8);
  }

  private static int hashSlot(String key) {
    return JedisClusterCRC16.getSlot(key);
  }

  private static long size(RedisServer server) {
    return (Long) server.run(Protocol.Command.DBSIZE);
  }
}
