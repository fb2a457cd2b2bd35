package io.tidemark.proof.bars;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import io.tidemark.proof.bars.PageTable.Counted;
import io.tidemark.proof.bars.Pages.Ports;
import io.tidemark.servers.RestartableServer;
import io.tidemark.testkit.FreePort;
import io.tidemark.testkit.RoundTrips;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** The bars of reads of many keys that are counted. */
class CountedBarsIT {
  private static final int PROCESSES = 4;
  private static final int ROUNDS = 3;
  private static final int HEAP_MEGABYTES = 64;

  /** Where the header of an entry says that it is kept, and then when it expires. */
  private static final int STATE_AT = 10;

  private static final RestartableServer REDIS;
  private static final RestartableServer POSTGRES;
  private static final RestartableServer ZOOKEEPER;

  static {
    try {
      REDIS = RestartableServer.redis(FreePort.any());
      POSTGRES = RestartableServer.postgres(FreePort.any());
      ZOOKEEPER = RestartableServer.zookeeper(FreePort.any(), Duration.ofMinutes(20));
    } catch (Exception e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final RoundTrips TRIPS = new RoundTrips();

  private static RedisClient redis;

  @BeforeAll
  static void start() throws Exception {
    REDIS.start();
    POSTGRES.start();
    ZOOKEEPER.start();
    PageTable.countStatements(POSTGRES);
    PageTable.create(POSTGRES.port());
    redis = RedisClient.create("127.0.0.1", REDIS.port());
  }

  @AfterAll
  static void stop() throws Exception {
    redis.close();
    ZOOKEEPER.stop();
    POSTGRES.stop();
    REDIS.stop();
  }

  @BeforeEach
  void empty() {
    redis.flushAll();
  }

  @Test
  void getAll_thousandKeysOfWhichNineInTenAreCached_fourRoundTripsAndOneStatement()
      throws Exception {
    List<Integer> keys = IntStream.range(0, 1_000).boxed().toList();
    List<Integer> cached = keys.stream().filter(key -> key % 10 != 0).toList();
    try (Pages pages =
        new Pages(
            ports(),
            CountedProcess.countedClient(TRIPS, REDIS.port()),
            Duration.ZERO,
            event -> {})) {
      pages.cache().getAll(cached);
      Counted before = PageTable.counted(POSTGRES.port());

      long trips =
          TRIPS.of(
              () ->
                  assertThat(pages.cache().getAll(keys))
                      .hasSize(1_000)
                      .allSatisfy((key, page) -> assertThat(page).contains(Page.of(key))));

      assertThat(trips).isBetween(1L, 4L);
      assertThat(PageTable.counted(POSTGRES.port()).since(before)).isEqualTo(new Counted(1, 100));
    }
  }

  @Test
  void getAll_sameColdOrExpiredKeysInFourProcesses_eachRowIsReadOnceByFourStatementsAtMost()
      throws Exception {
    ProcessGroup.run(
        group -> {
          startReaders(group);
          for (int round = 1; round <= ROUNDS; round++) {
            // Behind those that the processes have begun with.
            int first = (PROCESSES + round) * PageReader.KEYS;
            assertReadOnce(first);
            expire(first);
            assertReadOnce(first);
          }
          return 0;
        });
  }

  private static void assertReadOnce(int first) throws Exception {
    Counted counted = readInAllProcesses(first);
    assertThat(counted.rows()).isEqualTo(PageReader.KEYS);
    assertThat(counted.statements()).isBetween(1L, (long) PROCESSES);
  }

  /** As if their time to live had passed: the first millisecond of 1970 is when they expired. */
  private static void expire(int first) {
    for (int key : PageReader.keys(first)) {
      String name = "tidemark:" + Pages.CACHE + ":" + key;
      assertThat(redis.getrange(name, STATE_AT, STATE_AT)).isEqualTo("v");
      redis.setrange(name, STATE_AT + 1, "0000000000001");
    }
  }

  /** Reads the same keys in all processes, each of which has missed them before any is read. */
  private static Counted readInAllProcesses(int first) throws Exception {
    redis.del(PageReader.MISSED, PageReader.DONE);
    Counted before = PageTable.counted(POSTGRES.port());
    Connection hold = PageTable.hold(POSTGRES.port());
    try (hold) {
      redis.rpush(
          PageReader.BEGIN,
          Collections.nCopies(PROCESSES, Integer.toString(first)).toArray(String[]::new));
      await().until(() -> redis.llen(PageReader.MISSED) == PROCESSES * PageReader.KEYS);
    }
    await().until(() -> redis.llen(PageReader.DONE) == PROCESSES);
    assertThat(redis.lrange(PageReader.DONE, 0, -1)).containsOnly(PageReader.ALL_READ);
    return PageTable.counted(POSTGRES.port()).since(before);
  }

  private static void startReaders(ProcessGroup group) throws Exception {
    List<CompletableFuture<ReadyChild>> starting = new ArrayList<>();
    for (int number = 0; number < PROCESSES; number++) {
      List<String> arguments =
          Stream.concat(
                  ports().toArguments().stream(),
                  Stream.of(Integer.toString(number * PageReader.KEYS)))
              .toList();
      starting.add(
          group.startJava(
              "page reader " + number,
              HEAP_MEGABYTES,
              ThisJvm.program(PageReader.class.getName()),
              arguments));
    }
    for (CompletableFuture<ReadyChild> process : starting) {
      ReadyChild unused = group.await(process);
    }
  }

  private static Ports ports() {
    return new Ports(REDIS.port(), POSTGRES.port(), ZOOKEEPER.port());
  }
}
