package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connectToCluster;
import static io.tidemark.zookeeper.ZooKeeperServers.startCluster;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingCluster;
import org.junit.jupiter.api.Test;

/** What a check says about an ensemble that has lost its majority. */
final class EnsembleCheckIT {

  @Test
  void check_ensembleWithoutMajority_saysSo() throws Exception {
    try (TestingCluster cluster = startCluster();
        CuratorFramework curator = connectToCluster(cluster.getConnectString());
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      assertThat(locks.check("users", patience())).isEmpty();
      InstanceSpec left = cluster.getInstances().iterator().next();
      for (InstanceSpec instance : cluster.getInstances()) {
        if (!instance.equals(left)) {
          cluster.killServer(instance);
        }
      }

      await()
          .untilAsserted(
              () ->
                  assertThat(locks.check("users", patience()))
                      .singleElement()
                      .satisfies(
                          finding -> {
                            assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
                            assertThat(finding.problem())
                                .isEqualTo(
                                    "1 of 3 servers answer that their ensemble has no majority");
                          }));
    }
  }
}
