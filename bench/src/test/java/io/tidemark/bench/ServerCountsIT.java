package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.bench.ServerCounts.Counts;
import io.tidemark.bench.contestants.RedisClients;
import io.tidemark.processes.ProcessGroup;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.KeeperException.NodeExistsException;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

class ServerCountsIT {
  private static final int LONGER_THAN_THE_TEST_MILLIS = 600_000;

  @Test
  void read_afterWork_countsIt() throws Exception {
    int unused =
        ProcessGroup.run(
            group -> {
              BenchServers servers = BenchServers.of(group);
              return servers.during(() -> countsWork(servers));
            });
  }

  private static int countsWork(BenchServers servers) throws Exception {
    try (CuratorFramework zookeeper =
            CuratorFrameworkFactory.builder()
                .connectString(servers.zookeeper())
                .sessionTimeoutMs(LONGER_THAN_THE_TEST_MILLIS)
                .connectionTimeoutMs(LONGER_THAN_THE_TEST_MILLIS)
                .retryPolicy(new RetryForever(100))
                // It asks when it is connected, and nobody knows when that is over.
                .ensembleTracker(false)
                .build();
        RedisClient redis = RedisClients.connect(servers.redis(), 1);
        ServerCounts counts = new ServerCounts(servers)) {
      zookeeper.start();
      zookeeper.blockUntilConnected();
      redis.ping();

      Counts atFirst = counts.read();
      counts.awaitNoLock();
      Counts idle = counts.read();
      assertThat(idle.since(atFirst)).as("its own questions").isEqualTo(new Counts(0, 0, 0));

      zookeeper.create().forPath("/node");
      assertThatExceptionOfType(NodeExistsException.class)
          .isThrownBy(() -> zookeeper.create().forPath("/node"));
      zookeeper.getData().forPath("/node");
      redis.eval("return redis.call('GET', KEYS[1])", List.of("key"), List.of());
      assertThat(counts.read().since(idle)).isEqualTo(new Counts(3, 2, 2));
      return 0;
    }
  }
}
