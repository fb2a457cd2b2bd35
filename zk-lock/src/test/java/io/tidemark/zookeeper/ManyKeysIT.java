package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.countBelow;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.SlotKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cache with more keys than a ZooKeeper server should have nodes. */
@Timeout(value = 1, unit = TimeUnit.HOURS)
@Tag("longer")
final class ManyKeysIT {
  private static final int KEYS = Integer.getInteger("tidemark.many-keys", 5_000);
  private static final int THREADS = 128;

  @Test
  void close_ofManyKeys_leavesHardlyAnyNode() throws Exception {
    try (TestingServer server = startServer();
        CuratorFramework curator = connect(server.getConnectString());
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      AtomicInteger next = new AtomicInteger();
      ExecutorService threads = Executors.newFixedThreadPool(THREADS);
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        workers.add(
            threads.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < KEYS; n = next.getAndIncrement()) {
                    acquireOnceFree(locks, new SlotKey("many", "key-" + n)).close();
                  }
                  return next;
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      threads.shutdown();

      await()
          .untilAsserted(() -> assertThat(countBelow(curator, "/tidemark")).isLessThan(KEYS / 100));
    }
  }
}
