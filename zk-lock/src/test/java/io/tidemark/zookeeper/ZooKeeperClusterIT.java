package io.tidemark.zookeeper;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.awaitAnswer;
import static io.tidemark.zookeeper.ZooKeeperServers.connectToCluster;
import static io.tidemark.zookeeper.ZooKeeperServers.sessionId;
import static io.tidemark.zookeeper.ZooKeeperServers.startCluster;
import static io.tidemark.zookeeper.ZooKeeperServers.untilAvailable;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingCluster;
import org.junit.jupiter.api.Test;

/** One of three servers crashes while a lock is held. */
final class ZooKeeperClusterIT {
  private static final SlotKey KEY = new SlotKey("users", "42");

  @Test
  void holding_itsServerDies_movesToAnotherServer() throws Exception {
    try (TestingCluster cluster = startCluster()) {
      try (CuratorFramework curator = connectToCluster(cluster.getConnectString());
          CuratorFramework otherCurator = connectToCluster(cluster.getConnectString());
          ZooKeeperLocks locks = ZooKeeperLocks.create(curator);
          ZooKeeperLocks otherLocks = ZooKeeperLocks.create(otherCurator)) {
        LockHandle handle = acquireOnceFree(locks, KEY);
        long session = sessionId(curator);

        cluster.killServer(
            cluster.findConnectionInstance(curator.getZookeeperClient().getZooKeeper()));

        // A majority needs a leader before it answers, which takes longer than connecting.
        awaitAnswer(curator);
        awaitAnswer(otherCurator);
        assertThat(sessionId(curator)).isEqualTo(session);
        Held held = (Held) untilAvailable(() -> otherLocks.tryAcquire(KEY, patience()));
        handle.close();
        assertThat(held.holder().awaitGone(patience())).isTrue();
        try (LockHandle next = acquireOnceFree(otherLocks, KEY)) {
          assertThat(next.fence()).isGreaterThan(handle.fence());
        }
      }
    }
  }
}
