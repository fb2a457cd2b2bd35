package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CacheBuilder;
import io.tidemark.FallbackPolicy;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A thousand cold keys are read at once while ZooKeeper is down. */
@Execution(ExecutionMode.CONCURRENT)
final class ColdKeysIT {
  private static final int KEYS = 1_000;
  private static final int AT_ONCE = 8;

  private final TestingServer server;
  private final CuratorFramework curator;
  private final ZooKeeperLocks locks;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();

  ColdKeysIT() throws Exception {
    server = startServer();
    curator = connect(server.getConnectString());
    locks = ZooKeeperLocks.create(curator);
  }

  @AfterEach
  void stop() throws Exception {
    gate.countDown();
    locks.close();
    curator.close();
    server.close();
  }

  @Test
  void read_roomForAll_asksTheSourceForAFewAtATime() throws Exception {
    try (VersionedCache<Integer, Integer> cache = cacheWithoutZooKeeper(KEYS)) {
      List<CompletableFuture<ReadResult<Integer>>> reads = readAll(cache);
      await().until(() -> underWay.get() == AT_ONCE);
      gate.countDown();

      assertThat(reads)
          .allSatisfy(read -> assertThat(read.get().origin()).isEqualTo(Origin.SOURCE_FALLBACK));
      assertThat(loads).hasValue(KEYS);
      assertThat(mostUnderWay).hasValue(AT_ONCE);
    }
  }

  @Test
  void read_roomForAHundred_refusesTheRestAtOnce() throws Exception {
    try (VersionedCache<Integer, Integer> cache = cacheWithoutZooKeeper(100)) {
      List<CompletableFuture<ReadResult<Integer>>> reads = readAll(cache);
      int served = AT_ONCE + 100;
      await()
          .untilAsserted(
              () ->
                  assertThat(reads)
                      .filteredOn(CompletableFuture::isCompletedExceptionally)
                      .hasSize(KEYS - served));
      assertThat(reads)
          .filteredOn(CompletableFuture::isCompletedExceptionally)
          .allSatisfy(
              read ->
                  assertThat(read)
                      .failsWithin(Duration.ZERO)
                      .withThrowableThat()
                      .withCauseInstanceOf(UnavailableException.class)
                      .withStackTraceContaining("maxFallbackQueue=100 wait"));
      gate.countDown();

      await().until(() -> reads.stream().allMatch(CompletableFuture::isDone));
      assertThat(loads).hasValue(served);
      assertThat(mostUnderWay).hasValue(AT_ONCE);
    }
  }

  private VersionedCache<Integer, Integer> cacheWithoutZooKeeper(int queue) throws Exception {
    server.stop();
    await().until(() -> !curator.getZookeeperClient().isConnected());
    CacheBuilder<Integer, Integer> builder = VersionedCache.builder("cold");
    return builder
        .source(this::load)
        .store(InMemoryStore.create())
        .locks(locks)
        .codec(JsonCodec.of(Integer.class))
        .deadline(Duration.ofHours(1))
        .onFallback(FallbackPolicy.LOAD)
        .maxFallbackLoads(AT_ONCE)
        .maxFallbackQueue(queue)
        .build();
  }

  private static List<CompletableFuture<ReadResult<Integer>>> readAll(
      VersionedCache<Integer, Integer> cache) {
    return IntStream.range(0, KEYS).mapToObj(cache::readAsync).toList();
  }

  private Row<Integer> load(Integer key) throws InterruptedException {
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    loads.incrementAndGet();
    if (!gate.await(Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("the gate stayed closed");
    }
    underWay.decrementAndGet();
    return Row.present(key, 1);
  }
}
