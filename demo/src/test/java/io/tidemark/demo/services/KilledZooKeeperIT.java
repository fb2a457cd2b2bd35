package io.tidemark.demo.services;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.Awaiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.junit.jupiter.api.Test;

/** A server of an ensemble that is killed, as acts and histories do it. */
final class KilledZooKeeperIT {

  /** What a server has on disk that was killed while it joined a new leader. */
  @Test
  void restart_killedBeforeItWroteTheEpoch_servesAgain() throws Exception {
    assertThat(ProcessGroup.run(KilledZooKeeperIT::restartWithAnOlderEpoch)).isZero();
  }

  private static int restartWithAnOlderEpoch(ProcessGroup group) throws Exception {
    FreePorts free = new FreePorts();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < ZooKeeperServer.ENSEMBLE * ZooKeeperServer.PORTS_EACH; i++) {
      ports.add(free.next());
    }
    List<ZooKeeperServer> servers =
        ZooKeeperServer.startEnsemble(group, ZooKeeperServer.ENSEMBLE, ports);
    change(ZooKeeperServer.addresses(servers), "/before");
    int victim = servers.get(0).isLeader() ? 1 : 0;
    change(ZooKeeperServer.addresses(List.of(servers.get(victim))), "/there");
    servers.get(victim).child().kill();
    Path epoch =
        group.directory().resolve("zookeeper-%d/data/version-2/currentEpoch".formatted(victim + 1));
    // More than one where a slow machine had a second election.
    assertThat(Long.parseLong(Files.readString(epoch).strip())).isPositive();
    Files.writeString(epoch, "0");

    servers.get(victim).restart();

    change(ZooKeeperServer.addresses(List.of(servers.get(victim))), "/after");
    return 0;
  }

  private static void change(String addresses, String node) throws Exception {
    try (CuratorFramework curator =
        CuratorFrameworkFactory.newClient(addresses, new RetryForever(100))) {
      curator.start();
      assertThat(curator.blockUntilConnected((int) Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS))
          .as("connected to %s", addresses)
          .isTrue();
      curator.create().forPath(node);
    }
  }
}
