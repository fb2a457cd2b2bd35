package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.Origin;
import io.tidemark.RefusedException;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.RedisClient;

/** Clearing a large cache, and one that is in use. */
@Tag("longer")
class ClearIT {
  private static final int SLOTS = Integer.getInteger("tidemark.cleared-slots", 100_000);
  private static final int ROUNDS = Integer.getInteger("tidemark.clear-rounds", 10);

  private static RedisServer server;
  private static RedisClient client;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
    client = server.client();
  }

  @AfterAll
  static void stopServer() {
    client.close();
    server.close();
  }

  @AfterEach
  void flush() {
    client.flushAll();
  }

  @Test
  void clear_manySlots_removesThemAndNoOther() {
    populate("tidemark:big", SLOTS);
    populate("tidemark:bigger", 1_000);
    populate("sessions", 1_000);
    List<Long> progress = new ArrayList<>();

    assertThat(RedisStore.create(client).clear("big", progress::add)).isEqualTo(SLOTS);

    assertThat(client.dbSize()).isEqualTo(2_000);
    assertThat(progress).hasSizeGreaterThan(SLOTS / 10_000).isSorted().endsWith((long) SLOTS);
  }

  /**
   * All rows change behind the cache's back before each clear; after it, no reader sees an old one.
   */
  @Test
  void clear_whileTheCacheIsUsed_nobodyIsServedAnythingFromBefore() throws Exception {
    int keys = 50;
    Map<Integer, Row<Integer>> table = new ConcurrentHashMap<>();
    put(table, keys, 0);
    ExecutorService readers = Executors.newCachedThreadPool();
    AtomicBoolean done = new AtomicBoolean();
    LockProvider locks = LocalLocks.create();
    try (VersionedCache<Integer, Integer> cache = cache(table, locks);
        VersionedCache<Integer, Integer> another = cache(table, locks)) {
      List<Future<?>> reading = new ArrayList<>();
      for (VersionedCache<Integer, Integer> used : List.of(cache, another)) {
        reading.add(readers.submit(() -> readAll(used, keys, done)));
      }
      for (int round = 1; round <= ROUNDS; round++) {
        put(table, keys, round);
        cache.clear();
        for (int key = 0; key < keys; key++) {
          assertThat(another.get(key)).hasValue(round);
        }
      }
      done.set(true);
      for (Future<?> reader : reading) {
        reader.get();
      }
      assertThat(another.read(0).origin()).isEqualTo(Origin.CACHE);
    } finally {
      done.set(true);
      readers.shutdownNow();
    }
  }

  @Test
  void clear_foreignKeysBesideTheSlots_leftAlone() {
    RedisStore store = RedisStore.create(client);
    client.set("tidemark", "foreign");
    client.set("tidemark:shop", "foreign");
    client.set("x:tidemark:shop:1", "foreign");
    client.set("tidemark:shop:1", "a slot, though damaged");

    assertThat(store.clear("shop")).isEqualTo(1);
    assertThat(client.dbSize()).isEqualTo(3);
    assertThat(store.read(new SlotKey("shop", "1"))).isEqualTo(new Slot.Empty());
  }

  private static VersionedCache<Integer, Integer> cache(
      Map<Integer, Row<Integer>> table, LockProvider locks) {
    return VersionedCache.<Integer, Integer>builder("used")
        .source(key -> table.getOrDefault(key, Row.absent()))
        .store(RedisStore.create(client))
        .locks(locks)
        .codec(JsonCodec.of(Integer.class))
        .build();
  }

  /** It has no slots yet, so that nothing that it refuses is asked of it. */
  @Test
  void clear_replica_refused() {
    try (RedisServer replica = RedisServer.startReplicaOf(server.port());
        RedisClient ofReplica = replica.client()) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> RedisStore.create(ofReplica).clear("any"))
          .withMessageContaining("READONLY");
    }
  }

  /** The version stays the same, so only the clear makes the change visible. */
  private static void put(Map<Integer, Row<Integer>> table, int keys, int value) {
    for (int key = 0; key < keys; key++) {
      table.put(key, Row.present(value, 1));
    }
  }

  private static void readAll(
      VersionedCache<Integer, Integer> cache, int keys, AtomicBoolean done) {
    while (!done.get()) {
      for (int key = 0; key < keys; key++) {
        cache.get(key);
      }
    }
  }

  /** Creates keys {@code prefix:0} and so on, within the server: a million take a second. */
  private static void populate(String prefix, int count) {
    client.executeCommand(
        new CommandArguments(() -> "DEBUG".getBytes(US_ASCII))
            .add("POPULATE")
            .add(Integer.toString(count))
            .add(prefix));
  }
}
