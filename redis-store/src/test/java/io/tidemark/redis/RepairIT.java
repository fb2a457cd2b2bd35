package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.tidemark.ClaimRule;
import io.tidemark.JsonCodec;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.memory.LocalLocks;
import io.tidemark.testkit.TcpProxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;

/** Writes whose way to Redis breaks, and the slots they were about once it is mended. */
class RepairIT {
  private static final Duration IMPATIENCE = Duration.ofMillis(100);

  private static RedisServer server;

  private final Map<String, Row<String>> table = new ConcurrentHashMap<>();
  private TcpProxy proxy;
  private RedisClient client;
  private RedisClient direct;
  private VersionedCache<String, String> writer;
  private VersionedCache<String, String> reader;

  private enum Fault {
    REFUSE,
    SWALLOW,
    SWALLOW_REPLIES;

    void begin(TcpProxy proxy) {
      switch (this) {
        case REFUSE -> proxy.refuse();
        case SWALLOW -> proxy.swallow();
        case SWALLOW_REPLIES -> proxy.swallowReplies();
      }
    }
  }

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void cacheARow() {
    direct = server.client();
    direct.flushAll();
    proxy = TcpProxy.to(server.port());
    client = RedisServer.client(proxy.port(), IMPATIENCE, new ConnectionPoolConfig());
    writer = cache(client);
    reader = cache(direct);
    table.put("a", Row.present("old", 1));
    reader.get("a");
    writer.publish("a", Row.present("old", 1));
  }

  @AfterEach
  void disconnect() {
    writer.close();
    reader.close();
    client.close();
    direct.close();
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource
  void publish_faultUntilTheDeadline_unknownAndRepairedAfterIt(Fault fault) {
    fault.begin(proxy);
    table.put("a", Row.present("new", 2));

    assertThat(writer.publish("a", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    proxy.forward();

    await().until(() -> writer.stats().repaired() == 1);
    assertThat(reader.get("a")).hasValue("new");
  }

  @ParameterizedTest
  @EnumSource
  void update_faultAfterTheCommit_unknownAndRepairedAfterIt(Fault fault) {
    WriteOutcome outcome =
        writer
            .update(
                "a",
                () -> {
                  fault.begin(proxy);
                  // So that there is something to repair: the claim is lost, and an old row back.
                  direct.flushAll();
                  reader.get("a");
                  Row<String> row = Row.present("new", 2);
                  table.put("a", row);
                  return row;
                })
            .outcome();

    assertThat(outcome).isEqualTo(WriteOutcome.UNKNOWN);
    proxy.forward();
    await().until(() -> writer.stats().repaired() == 1);
    assertThat(reader.get("a")).hasValue("new");
  }

  @ParameterizedTest
  @EnumSource
  void update_faultBeforeTheWrite_refusesIt(Fault fault) {
    fault.begin(proxy);
    AtomicBoolean ran = new AtomicBoolean();

    assertThatExceptionOfType(TidemarkException.class)
        .isThrownBy(
            () ->
                writer.update(
                    "a",
                    () -> {
                      ran.set(true);
                      return Row.absent();
                    }));
    assertThat(ran).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void update_bestEffortAndFaultBeforeTheWrite_writesAndIsRepairedAfterIt(Fault fault) {
    fault.begin(proxy);

    WriteOutcome outcome =
        writer
            .update(
                "a",
                ClaimRule.BEST_EFFORT,
                () -> {
                  Row<String> row = Row.present("new", 2);
                  table.put("a", row);
                  return row;
                })
            .outcome();

    assertThat(outcome).isEqualTo(WriteOutcome.UNKNOWN);
    proxy.forward();
    await().until(() -> writer.stats().repaired() == 1);
    assertThat(reader.get("a")).hasValue("new");
  }

  @Test
  void publish_serverRestartedMeanwhile_isRepaired() {
    server.stop();
    table.put("a", Row.present("new", 2));

    assertThat(writer.publish("a", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    server.restart();

    await().until(() -> writer.stats().repaired() == 1);
    try (RedisClient fresh = server.client()) {
      assertThat(fresh.dbSize()).as("a floor").isEqualTo(1);
    }
  }

  /** Caches without a lock in common: in one process, but as far apart as two that lost theirs. */
  private VersionedCache<String, String> cache(RedisClient redis) {
    return VersionedCache.<String, String>builder("repaired")
        .source(key -> table.getOrDefault(key, Row.absent()))
        .store(RedisStore.create(redis))
        .locks(LocalLocks.create())
        .codec(JsonCodec.of(String.class))
        .deadline(Duration.ofMillis(500))
        .build();
  }
}
