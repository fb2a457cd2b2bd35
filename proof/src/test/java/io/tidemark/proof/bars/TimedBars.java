package io.tidemark.proof.bars;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.BadValueException;
import io.tidemark.VersionedCache;
import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.proof.bars.Pages.Ports;
import io.tidemark.proof.bars.Race.Timed;
import io.tidemark.redis.RedisLocks;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.FreePort;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Measures the bars of reads of many keys that are times, and prints the ratios. Judges nothing,
 * because a machine can be busy. No build runs it unasked: its name is not one that the build looks
 * for. {@code docs/testing.md} has the command.
 */
class TimedBars {
  private static final int HITS = 200;
  private static final int CALLS_EACH = 20;
  private static final int HIT_WARMUPS = 300;
  private static final int HIT_ROUNDS = 200;

  private static final int COLD_KEYS = 100;
  private static final int SINGLE_READS = 10;
  private static final int COLD_WARMUPS = 150;
  private static final int COLD_ROUNDS = 100;

  private final PrintStream console =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);

  /** Keys that are in no cache yet, in no order. */
  private final Iterator<Integer> coldKeys = shuffledKeys();

  private final List<Integer> hits = takeCold(HITS);

  @Test
  void measure() throws Exception {
    ProcessGroup.run(
        group -> {
          Ports ports = startServers(group);
          try (Pages pages =
                  new Pages(
                      ports,
                      RedisClient.create("127.0.0.1", ports.redis()),
                      Duration.ZERO,
                      event -> {});
              RedisLocks redisLocks = RedisLocks.create(pages.redis());
              VersionedCache<Integer, Page> onRedisLocks = pages.cache(redisLocks, event -> {})) {
            console.println(hits(pages).run(HIT_WARMUPS, HIT_ROUNDS));
            console.println(cold("ZooKeeper", pages.cache()).run(COLD_WARMUPS, COLD_ROUNDS));
            console.println(cold("Redis", onRedisLocks).run(COLD_WARMUPS, COLD_ROUNDS));
          }
          return 0;
        });
  }

  private Race hits(Pages pages) throws BadValueException {
    RedisClient redis = pages.redis();
    byte[][] names =
        hits.stream()
            .map(key -> ("tidemark:" + Pages.CACHE + ":" + key).getBytes(UTF_8))
            .toArray(byte[][]::new);
    check(getAll(pages.cache(), hits));
    int payload = Pages.CODEC.encode(Page.of(hits.get(0))).length;
    int header = redis.get(names[0]).length - payload;
    return new Race(
        "%d hits of %d bytes by getAll, to one MGET of the same keys that is decoded"
            .formatted(HITS, payload),
        1.5,
        Timed.of(CALLS_EACH, () -> check(getAll(pages.cache(), hits))),
        Timed.of(CALLS_EACH, () -> check(mget(redis, names, header))));
  }

  private static Collection<?> getAll(VersionedCache<Integer, Page> cache, List<Integer> keys) {
    return cache.getAll(keys).values();
  }

  private static Collection<?> mget(RedisClient redis, byte[][] names, int header) {
    return redis.mget(names).stream()
        .map(slot -> decoded(Arrays.copyOfRange(slot, header, slot.length)))
        .toList();
  }

  private static Page decoded(byte[] payload) {
    try {
      return Pages.CODEC.decode(payload);
    } catch (BadValueException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(Collection<?> pages) {
    if (pages.size() != HITS) {
      throw new IllegalStateException(pages.size() + " pages");
    }
  }

  private Race cold(String locks, VersionedCache<Integer, Page> cache) {
    return new Race(
        "%d cold keys by getAll, to a get of one cold key, with locks in %s"
            .formatted(COLD_KEYS, locks),
        5,
        () -> {
          List<Integer> keys = takeCold(COLD_KEYS);
          return Timed.of(1, () -> getAll(cache, keys)).nanos();
        },
        Timed.of(SINGLE_READS, () -> getOne(cache, takeCold(1).get(0))));
  }

  private static void getOne(VersionedCache<Integer, Page> cache, int key) {
    Page unused = cache.get(key).orElseThrow();
  }

  private List<Integer> takeCold(int count) {
    return Stream.generate(coldKeys::next).limit(count).toList();
  }

  private static Iterator<Integer> shuffledKeys() {
    List<Integer> keys = new ArrayList<>(IntStream.range(0, PageTable.ROWS).boxed().toList());
    Collections.shuffle(keys, new Random(1));
    return keys.iterator();
  }

  private static Ports startServers(ProcessGroup group) throws Exception {
    List<Integer> ports =
        Stream.generate(FreePort::any).limit(2 + ZooKeeperServer.PORTS_EACH).toList();
    CompletableFuture<ReadyChild> postgres = PostgresProgram.start(group, ports.get(1));
    ZooKeeperServer zookeeper =
        ZooKeeperServer.startEnsemble(group, 1, ports.subList(2, ports.size())).get(0);
    Child unusedRedis = RedisProgram.unpack(group).start(group, "redis", ports.get(0));
    ReadyChild unusedDatabase = group.await(postgres);
    zookeeper.awaitListening();
    PageTable.create(ports.get(1));
    return new Ports(ports.get(0), ports.get(1), zookeeper.clientPort());
  }
}
