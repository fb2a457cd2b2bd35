package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import io.tidemark.ClaimRule;
import io.tidemark.Row;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import io.tidemark.testkit.TcpProxy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
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

/** Writes that lose their connection to Redis, and their slots once it is back. */
class RepairIT {
  /** The timeout of the client that meets the faults, and of no other. */
  private static final Duration IMPATIENCE = Duration.ofMillis(100);

  private static final Duration DEADLINE = Duration.ofHours(1);

  /** How long a writer's attempt lasts by its clock: two fit into a deadline. */
  private static final Duration ATTEMPT = DEADLINE.dividedBy(3);

  private static RedisServer server;

  private final Map<String, Row<String>> table = new ConcurrentHashMap<>();
  private TcpProxy proxy;
  private RedisClient client;
  private RedisClient direct;

  /** Set by the test, and read by repairs. */
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
  void publishAll_faultUntilTheDeadline_eachUnknownAndRepairedAfterIt(Fault fault) {
    table.put("b", Row.present("old", 1));
    reader.get("b");
    begin(fault);
    table.put("a", Row.present("new", 2));
    table.put("b", Row.present("new", 2));

    assertThat(writer.publishAll(table))
        .containsOnly(entry("a", WriteOutcome.UNKNOWN), entry("b", WriteOutcome.UNKNOWN));
    proxy.forward();

    await().until(() -> writer.stats().repaired() == 2);
    assertThat(reader.get("a")).hasValue("new");
    assertThat(reader.get("b")).hasValue("new");
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
                  // Leaves something to repair: the claim is lost, and an old row is back.
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

  /** From now on the writer's cache uses the connection that breaks. */
  private void begin(Fault fault) {
    way = RedisStore.create(client);
    fault.begin(proxy);
  }

  /** A store on which failures take long by the writer's clock, and no time by others. */
  private SlotStore onTheWay(long[] lateNanos) {
    Thread writing = Thread.currentThread();
    return (SlotStore)
        Proxy.newProxyInstance(
            SlotStore.class.getClassLoader(),
            new Class<?>[] {SlotStore.class},
            (proxied, verb, arguments) -> {
              try {
                Object answer = verb.invoke(way, arguments);
                if (Thread.currentThread() == writing
                    && answer instanceof List<?> replies
                    && replies.stream().anyMatch(Reply.Failed.class::isInstance)) {
                  lateNanos[0] += ATTEMPT.toNanos();
                }
                return answer;
              } catch (InvocationTargetException e) {
                if (Thread.currentThread() == writing) {
                  lateNanos[0] += ATTEMPT.toNanos();
                }
                throw e.getCause();
              }
            });
  }

  /** Caches that share no lock, like two processes that have lost theirs. */
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
