package io.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Test;

/** How a cache names its locks when it is built. Nothing listens at the ports. */
class ZooKeeperLocksTest {

  @Test
  void toString_locks_sayWhereTheyAre() {
    try (CuratorFramework curator =
            CuratorFrameworkFactory.newClient("127.0.0.1:1,127.0.0.1:2/shop", new RetryOneTime(1));
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      assertThat(locks).hasToString("ZooKeeperLocks (127.0.0.1:1,127.0.0.1:2/shop)");
    }
  }
}
