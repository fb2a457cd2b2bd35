package io.tidemark.demo.services;

import io.tidemark.demo.processes.ParentWatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** ZooKeeper in a process of its own; ends with its standard input. */
@Command(name = "zookeeper", hidden = true, description = "The ZooKeeper of `tidemark services`.")
public final class ZooKeeperCommand implements Callable<Integer> {
  /** A server expires sessions by the tick, and grants none shorter than two. */
  private static final int TICK_MILLIS = 500;

  /** The default of twenty ticks is short for sessions that must outlive a busy machine. */
  private static final int LONGEST_SESSION_MILLIS = 60_000;

  private static final int UNLIMITED = 0;
  private static final int ANY = -1;

  @Option(names = "--port", required = true)
  private int port;

  @Option(names = "--data", required = true)
  private Path data = Path.of("");

  @Override
  public Integer call() throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    // What it holds outlives a restart, not the machine's end: no need to wait for the disk on
    // every write, which a real ensemble does on a disk of its own.
    System.setProperty("zookeeper.forceSync", "no");
    Files.createDirectories(data);
    InstanceSpec spec =
        new InstanceSpec(
            data.toFile(),
            port,
            ANY,
            ANY,
            // It may be started again on the same data; the group deletes them in the end.
            false,
            ANY,
            TICK_MILLIS,
            UNLIMITED,
            Map.of(
                "clientPortAddress",
                "127.0.0.1",
                "maxSessionTimeout",
                Integer.toString(LONGEST_SESSION_MILLIS)),
            "127.0.0.1");
    try (TestingServer server = new TestingServer(spec, true)) {
      System.out.printf(
          "ready %s pid %d%n", server.getConnectString(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
    return 0;
  }
}
