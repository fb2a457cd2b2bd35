package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.deleteTree;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;

import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.LockProviderContract;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ZooKeeperLocksContractIT extends LockProviderContract {
  private final TestingServer server;
  private final CuratorFramework curator;
  private final CuratorFramework otherCurator;
  private final ZooKeeperLocks locks;
  private final ZooKeeperLocks otherLocks;

  ZooKeeperLocksContractIT() throws Exception {
    server = startServer();
    curator = connect(server.getConnectString());
    otherCurator = connect(server.getConnectString());
    locks = ZooKeeperLocks.create(curator);
    otherLocks = ZooKeeperLocks.create(otherCurator);
  }

  @AfterAll
  void stop() throws Exception {
    locks.close();
    otherLocks.close();
    curator.close();
    otherCurator.close();
    server.close();
  }

  @Override
  protected LockProvider locks() {
    return locks;
  }

  @Override
  protected LockProvider locksOfAnotherProcess() {
    return otherLocks;
  }

  @Override
  protected void forget(SlotKey key) throws Exception {
    String parent = LockPath.of(key);
    deleteTree(curator, parent);
    await().until(() -> curator.checkExists().forPath(parent) == null);
  }
}
