package io.tidemark.proof.bars;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.redis.RedisStore;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperProgram;
import io.tidemark.servers.ZooKeeperStatus;
import io.tidemark.testkit.FreePort;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Misses a million different keys, after which neither the process nor ZooKeeper may keep anything
 * of them. Takes many minutes, and looks at sizes of heaps, so no build runs it unasked: its name
 * is not one that the build looks for. {@code docs/testing.md} has the command.
 */
class LargeKeyspace {
  private static final int KEYS = Integer.getInteger("tidemark.keyspace.keys", 1_000_000);

  /** Enough for all code to have been loaded, and all buffers to have grown. */
  private static final int KEYS_BEFORE = Math.max(20_000, KEYS / 10);

  private static final int THREADS = 8;
  private static final Pattern TOTAL_BYTES = Pattern.compile("(?m)^Total +\\d+ +(\\d+)$");
  private static final double ALLOWED = 1.05;
  private static final Duration FAR = Duration.ofMinutes(20);

  /** So short that Redis needs little memory. */
  private static final Duration TTL = Duration.ofSeconds(10);

  /**
   * What is kept.
   *
   * @param heap of this process, in bytes that live
   * @param zookeeperHeap of ZooKeeper, likewise
   * @param nodes of ZooKeeper
   */
  private record Kept(long heap, long zookeeperHeap, long nodes) {
    boolean isWithin(Kept start) {
      return heap <= start.heap * ALLOWED
          && zookeeperHeap <= start.zookeeperHeap * ALLOWED
          && nodes <= start.nodes * ALLOWED;
    }
  }

  @Test
  void misses_ofManyKeys_leaveNothing() throws Exception {
    int exitCode =
        ProcessGroup.run(
            group -> {
              int zookeeperPort = FreePort.any();
              int redisPort = FreePort.any();
              ReadyChild zookeeper = group.await(ZooKeeperProgram.start(group, zookeeperPort));
              RedisProgram.unpack(group).start(group, "redis", redisPort);
              try (RedisClient redis = RedisClient.create("127.0.0.1", redisPort);
                  CuratorFramework curator = connect(zookeeperPort);
                  ZooKeeperLocks locks = ZooKeeperLocks.create(curator);
                  VersionedCache<Integer, Integer> cache = cache(redis, locks)) {
                miss(cache, 0, KEYS_BEFORE);
                Kept start = kept(zookeeper.pid(), zookeeperPort);
                System.out.printf("after %d keys: %s%n", KEYS_BEFORE, start);
                miss(cache, KEYS_BEFORE, KEYS);
                System.out.printf(
                    "after %d more: %s%n", KEYS, kept(zookeeper.pid(), zookeeperPort));
                Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(
                        () ->
                            assertThat(kept(zookeeper.pid(), zookeeperPort))
                                .matches(kept -> kept.isWithin(start), "at most " + start));
              }
              return 0;
            });

    assertThat(exitCode).isZero();
  }

  private static CuratorFramework connect(int port) {
    CuratorFramework curator =
        CuratorFrameworkFactory.newClient(
            "127.0.0.1:" + port,
            Math.toIntExact(FAR.toMillis()),
            Math.toIntExact(FAR.toMillis()),
            new RetryForever(100));
    curator.start();
    return curator;
  }

  private static VersionedCache<Integer, Integer> cache(RedisClient redis, ZooKeeperLocks locks) {
    return VersionedCache.<Integer, Integer>builder("keyspace")
        .source(key -> Row.present(key, 1))
        .store(RedisStore.create(redis))
        .locks(locks)
        .codec(JsonCodec.of(Integer.class))
        .ttl(TTL)
        .deadline(FAR)
        .claimLife(FAR)
        .maxLoadTime(FAR.multipliedBy(2))
        .build();
  }

  private static void miss(VersionedCache<Integer, Integer> cache, int first, int count)
      throws Exception {
    AtomicInteger next = new AtomicInteger(first);
    Callable<Integer> reading =
        () -> {
          int read = 0;
          for (int key = next.getAndIncrement();
              key < first + count;
              key = next.getAndIncrement()) {
            assertThat(cache.get(key)).contains(key);
            read++;
          }
          return read;
        };
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<Integer>> all = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      all.add(threads.submit(reading));
    }
    int read = 0;
    for (Future<Integer> one : all) {
      read += one.get();
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(FAR.toMinutes(), TimeUnit.MINUTES)).isTrue();
    assertThat(read).isEqualTo(count);
  }

  private static Kept kept(long zookeeper, int port) throws Exception {
    return new Kept(
        liveBytes(ProcessHandle.current().pid()),
        liveBytes(zookeeper),
        ZooKeeperStatus.of(port, 0).nodes());
  }

  /** What lives in the heap of a process, after a collection of its garbage. */
  private static long liveBytes(long pid) throws Exception {
    Process histogram =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String text =
        new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(histogram.waitFor()).as(text).isZero();
    Matcher total = TOTAL_BYTES.matcher(text);
    assertThat(total.find()).as(text).isTrue();
    return Long.parseLong(total.group(1));
  }
}
