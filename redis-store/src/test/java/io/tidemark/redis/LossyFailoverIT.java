package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.TcpProxy;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/**
 * Failovers that lose acknowledged writes: a replica is cut off, its master takes a write and dies,
 * and the replica is promoted with what it has.
 */
class LossyFailoverIT {
  private static final String CACHE = "books";
  private static final String KEY = "978-3";
  private static final SlotKey SLOT = new SlotKey(CACHE, KEY);
  private static final int FEW = 3;
  private static final int MANY = 100;

  private final AtomicLong row = new AtomicLong(1);
  private volatile RedisServer master = RedisServer.start();

  @AfterEach
  void stop() {
    master.close();
  }

  @Test
  void read_fewLossyFailovers_neverOlderThanAcknowledged() {
    assertThat(stepsBack(Failover.FORWARD_ONLY, FEW)).isZero();
  }

  @Test
  @Tag("thorough")
  void read_manyLossyFailovers_neverOlderThanAcknowledged() {
    assertThat(stepsBack(Failover.FORWARD_ONLY, MANY)).isZero();
  }

  /** Shows what the others would be served without lineages. */
  @Test
  void read_lossyFailoversAndSlotsKept_olderEachTime() {
    assertThat(stepsBack(Failover.KEEP, FEW)).isEqualTo(FEW);
  }

  /** Counts the failovers after which a read is older than an acknowledged write. */
  private int stepsBack(Failover failover, int failovers) {
    try (RedisClient client = RedisServer.clientOf(() -> master);
        VersionedCache<String, Long> cache =
            VersionedCache.<String, Long>builder(CACHE)
                .codec(JsonCodec.of(Long.class))
                .source(key -> Row.present(row.get(), row.get()))
                .store(RedisStore.builder(client).failover(failover).build())
                .locks(LocalLocks.create())
                .build()) {
      int stepsBack = 0;
      for (int i = 0; i < failovers; i++) {
        failOver(cache);
        stepsBack += cache.get(KEY).orElseThrow() < row.get() ? 1 : 0;
      }
      return stepsBack;
    }
  }

  /** Loses the last write of a cache. */
  private void failOver(VersionedCache<String, Long> cache) {
    RedisServer old = master;
    try (TcpProxy link = TcpProxy.to(old.port())) {
      RedisServer replica = RedisServer.startReplicaOf(link.port());
      write(cache);
      awaitCopied(old, replica);
      link.refuse();
      link.reset();
      write(cache);

      old.close();
      replica.run(Command.REPLICAOF, "NO", "ONE");
      master = replica;
    }
  }

  private void write(VersionedCache<String, Long> cache) {
    cache.update(KEY, () -> Row.present(row.incrementAndGet(), row.get()));
    assertThat(cache.get(KEY)).contains(row.get());
  }

  private static void awaitCopied(RedisServer master, RedisServer replica) {
    try (RedisClient original = master.client();
        RedisClient copy = replica.client()) {
      byte[] name = SlotFormat.key(SLOT);
      await().until(() -> Arrays.equals(original.get(name), copy.get(name)));
    }
  }
}
