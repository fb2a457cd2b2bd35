package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Warmed;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.services.ServerGroup;
import io.tidemark.demo.services.ServerPorts;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes, real servers, and callers who all come at once: the database counts the reads. */
@Tag("thorough")
@Timeout(900)
class FleetIT {
  private static final int PROCESSES = 4;
  private static final int ROUNDS = 10;
  private static final int COLD_KEYS = 200;
  private static final int WARMED_KEYS = 1_000;
  private static final long FIRST_ID = 1_001;

  @Test
  void coldKeys_askedForOrWarmedByTheWholeFleetAtOnce_areReadOnceEach() throws Exception {
    ProcessGroup.run(
        group -> {
          ServerPorts ports = ServerPorts.free();
          StageNodes nodes = new StageNodes(group, ports.addresses());
          List<CompletableFuture<ReadyChild>> launched = nodes.launchFleet(PROCESSES);
          StageServers servers = StageServers.of(ports, ServerGroup.start(group, ports));
          insertProducts(servers.addresses().jdbcUrl(), ROUNDS + COLD_KEYS + WARMED_KEYS);
          try (DemoStage stage = DemoStage.raise(nodes, servers, launched, wait -> {})) {
            stage.awaitAbleToLoad();
            for (int round = 0; round < ROUNDS; round++) {
              assertOneReadForAllCallers(stage, FIRST_ID + round);
            }
            assertOneReadForEachKey(stage, FIRST_ID + ROUNDS);
            assertOneReadForEachWarmedKey(stage, FIRST_ID + ROUNDS + COLD_KEYS);
          }
          return 0;
        });
  }

  private static void assertOneReadForAllCallers(DemoStage stage, long id) throws Exception {
    Rush rush =
        Rush.run(stage, stage.nodes(), id, NodeClient.Mode.PROTECTED, StageNodes.DB_LATENCY);

    assertThat(rush.callers()).isEqualTo(PROCESSES * DemoStage.CALLERS);
    assertThat(rush.errors()).isZero();
    assertThat(rush.reads()).isEqualTo(1);
  }

  private static void assertOneReadForEachKey(DemoStage stage, long firstId) throws Exception {
    long before = stage.database().reads();
    List<CompletableFuture<Read>> answers = new ArrayList<>();
    for (long id = firstId; id < firstId + COLD_KEYS; id++) {
      for (NodeProcess node : stage.nodes()) {
        answers.add(node.http().read(id, Duration.ofMillis(20)));
      }
    }
    for (CompletableFuture<Read> answer : answers) {
      assertThat(NodeClient.await(answer).product()).isNotNull();
    }

    assertThat(stage.database().reads() - before).isEqualTo(COLD_KEYS);
  }

  private static void assertOneReadForEachWarmedKey(DemoStage stage, long firstId)
      throws Exception {
    long before = stage.database().reads();
    List<CompletableFuture<Warmed>> answers = new ArrayList<>();
    for (NodeProcess node : stage.nodes()) {
      answers.add(node.http().warm(firstId, WARMED_KEYS, 10_000, Duration.ZERO));
    }
    int loaded = 0;
    for (CompletableFuture<Warmed> answer : answers) {
      Warmed warmed = NodeClient.await(answer);
      loaded += warmed.loaded();
      assertThat(warmed.found() + warmed.loaded()).isEqualTo(WARMED_KEYS);
      assertThat(warmed.failed()).isZero();
    }

    assertThat(loaded).isEqualTo(WARMED_KEYS);
    assertThat(stage.database().reads() - before).isEqualTo(WARMED_KEYS);
  }

  private static void insertProducts(String jdbcUrl, int count) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "insert into product (id, name, price, stock) select id, 'Product ' || id, 1, 1"
              + " from generate_series(%d, %d) id".formatted(FIRST_ID, FIRST_ID + count - 1));
    }
  }
}
