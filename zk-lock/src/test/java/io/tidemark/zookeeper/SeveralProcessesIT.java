package io.tidemark.zookeeper;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several JVMs compete for one key; the file system tells if two hold it at once. */
@Tag("longer")
final class SeveralProcessesIT {
  private static final int PROCESSES = Integer.getInteger("tidemark.processes", 2);
  private static final int HOLDINGS = Integer.getInteger("tidemark.holdings", 50);

  @Test
  void holdings_ofSeveralProcesses_neverOverlapAndTheirFencesGrow(@TempDir Path directory)
      throws Exception {
    try (TestingServer server = startServer()) {
      List<Process> processes = new ArrayList<>();
      try {
        for (int i = 0; i < PROCESSES; i++) {
          processes.add(
              new ProcessBuilder(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      // They end before compiling much would pay.
                      "-XX:TieredStopAtLevel=1",
                      "-XX:+UseSerialGC",
                      "-Dtidemark.processes=" + PROCESSES,
                      "-Dtidemark.holdings=" + HOLDINGS,
                      "-cp",
                      System.getProperty("java.class.path"),
                      Contender.class.getName(),
                      server.getConnectString(),
                      directory.toString())
                  .inheritIO()
                  .start());
        }
        for (Process process : processes) {
          assertThat(process.waitFor(Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
          assertThat(process.exitValue()).isZero();
        }
      } finally {
        processes.forEach(Process::destroyForcibly);
      }

      List<Long> fences =
          Files.readAllLines(directory.resolve(Contender.FENCES)).stream()
              .map(Long::valueOf)
              .toList();
      assertThat(fences).hasSize(PROCESSES * HOLDINGS).isSorted().doesNotHaveDuplicates();
    }
  }

  /** One of the processes: acquires the lock repeatedly, and fails if it is not alone. */
  static final class Contender {
    static final String FENCES = "fences";

    private Contender() {}

    /**
     * Exits with 0 if it was always alone.
     *
     * @param arguments the server's address, and a directory that the processes share
     */
    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[1]);
      Path inside = directory.resolve("inside");
      Path fences = directory.resolve(FENCES);
      try (CuratorFramework curator = connect(arguments[0]);
          ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
        // Otherwise the first could end before the last has started.
        new DistributedDoubleBarrier(curator, "/begin", PROCESSES).enter();
        for (int i = 0; i < HOLDINGS; i++) {
          try (LockHandle handle = acquireOnceFree(locks, new SlotKey("users", "42"))) {
            // Fails if the file exists.
            Files.createFile(inside);
            Files.writeString(
                fences,
                handle.fence() + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
            Files.delete(inside);
          }
        }
      }
    }
  }
}
