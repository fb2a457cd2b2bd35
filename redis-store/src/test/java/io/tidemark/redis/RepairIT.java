package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.ClaimRule;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import io.tidemark.testkit.TcpProxy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
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
  /** Of the client that meets the faults, and nothing else. */
  private static final Duration IMPATIENCE = Duration.ofMillis(100);

  private static final Duration DEADLINE = Duration.ofHours(1);

  /** How long an attempt of a writer lasts by its clock: a deadline has room for two. */
  private static final Duration ATTEMPT = DEADLINE.dividedBy(3);

  private static RedisServer server;

  private final Map<String, Row<String>> table = new ConcurrentHashMap<>();
  private TcpProxy proxy;
  private RedisClient client;
  private RedisClient direct;

  /** Written by the test, and read by repairs. */
  private volatile SlotStore way;

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
    way = RedisStore.create(direct);
    long[] late = {0};
    writer = cache(onTheWay(late), () -> System.nanoTime() + late[0]);
    reader = cache(RedisStore.create(direct), Ticker.system());
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
    begin(fault);
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
                  begin(fault);
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
    begin(fault);
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
    begin(fault);

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
    way = RedisStore.create(client);
    server.stop();
    table.put("a", Row.present("new", 2));

    assertThat(writer.publish("a", Row.present("new", 2))).isEqualTo(WriteOutcome.UNKNOWN);
    server.restart();

    await().until(() -> writer.stats().repaired() == 1);
    try (RedisClient fresh = server.client()) {
      assertThat(fresh.dbSize()).as("nothing old, and no floor is owed").isZero();
    }
  }

  /** From now on what the writer's cache sends takes the way that breaks. */
  private void begin(Fault fault) {
    way = RedisStore.create(client);
    fault.begin(proxy);
  }

  /** A store whose failures take this thread long by the writer's clock, and no time by others. */
  private SlotStore onTheWay(long[] lateNanos) {
    Thread writing = Thread.currentThread();
    return (SlotStore)
        Proxy.newProxyInstance(
            SlotStore.class.getClassLoader(),
            new Class<?>[] {SlotStore.class},
            (proxied, verb, arguments) -> {
              try {
                return verb.invoke(way, arguments);
              } catch (InvocationTargetException e) {
                if (Thread.currentThread() == writing) {
                  lateNanos[0] += ATTEMPT.toNanos();
                }
                throw e.getCause();
              }
            });
  }

  /** Caches without a lock in common: in one process, but as far apart as two that lost theirs. */
  private VersionedCache<String, String> cache(SlotStore store, Ticker ticker) {
    return VersionedCache.<String, String>builder("repaired")
        .source(key -> table.getOrDefault(key, Row.absent()))
        .store(store)
        .locks(LocalLocks.create())
        .codec(JsonCodec.of(String.class))
        .deadline(DEADLINE)
        .ticker(ticker)
        .build();
  }
}
