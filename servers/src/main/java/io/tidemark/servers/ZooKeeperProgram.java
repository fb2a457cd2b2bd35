package io.tidemark.servers;

import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ParentWatch;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;

/** ZooKeeper in a process of its own; ends with its standard input. */
public final class ZooKeeperProgram {
  private static final int HEAP_MEGABYTES = 64;

  /** A server expires sessions by the tick, and grants none shorter than two. */
  private static final int TICK_MILLIS = 500;

  /** The default of twenty ticks is short for sessions that must outlive a busy machine. */
  private static final Duration LONGEST_SESSION = Duration.ofMinutes(1);

  private static final int UNLIMITED = 0;
  private static final int ANY = -1;

  private ZooKeeperProgram() {}

  /** Starts it on 127.0.0.1; returns at once. It finds the data that it left in this group. */
  public static CompletableFuture<ReadyChild> start(ProcessGroup group, int port)
      throws IOException, InterruptedException {
    return group.startJava(
        "zookeeper",
        HEAP_MEGABYTES,
        JavaProgram.of(ZooKeeperProgram.class.getName()),
        List.of(Integer.toString(port), group.directory().resolve("zookeeper").toString()));
  }

  /** Runs the server; the arguments are its port and the directory of its data. */
  public static void main(String[] args) {
    ChildProgram.run(() -> serve(Integer.parseInt(args[0]), Path.of(args[1])));
  }

  private static void serve(int port, Path data) throws Exception {
    Files.createDirectories(data);
    try (TestingServer server = newServer(port, data, LONGEST_SESSION)) {
      server.start();
      System.out.printf(
          "ready %s pid %d%n", server.getConnectString(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
  }

  /** A server in this process, on 127.0.0.1 and not started. */
  static TestingServer newServer(int port, Path data, Duration longestSession) throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    // What it holds outlives a restart, not the machine's end: no need to wait for the disk on
    // every write, which a real ensemble does on a disk of its own.
    System.setProperty("zookeeper.forceSync", "no");
    InstanceSpec spec =
        new InstanceSpec(
            data.toFile(),
            port,
            ANY,
            ANY,
            // It may be started again on the same data; the owner of the folder deletes them.
            false,
            ANY,
            TICK_MILLIS,
            UNLIMITED,
            Map.of(
                "clientPortAddress",
                "127.0.0.1",
                "maxSessionTimeout",
                Long.toString(longestSession.toMillis())),
            "127.0.0.1");
    return new TestingServer(spec, false);
  }
}
