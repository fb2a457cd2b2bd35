package io.tidemark.servers;

import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.ParentWatch;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.curator.test.TestingServer;

/** ZooKeeper in a process of its own; ends with its standard input. */
public final class ZooKeeperProgram {
  private static final int HEAP_MEGABYTES = 64;

  /** The default of twenty ticks is short for sessions that must outlive a busy machine. */
  private static final Duration LONGEST_SESSION = Duration.ofMinutes(20);

  private ZooKeeperProgram() {}

  /** Starts it on 127.0.0.1; returns at once. It finds the data that it left in this group. */
  public static CompletableFuture<ReadyChild> start(ProcessGroup group, int port)
      throws IOException, InterruptedException {
    return start(group, port, HEAP_MEGABYTES);
  }

  /** Starts it likewise with another heap. */
  public static CompletableFuture<ReadyChild> start(ProcessGroup group, int port, int heapMegabytes)
      throws IOException, InterruptedException {
    return group.startJava(
        "zookeeper",
        heapMegabytes,
        ThisJvm.program(ZooKeeperProgram.class.getName()),
        List.of(Integer.toString(port), group.directory().resolve("zookeeper").toString()));
  }

  /** Runs the server; the arguments are its port and the directory of its data. */
  public static void main(String[] args) {
    ChildProgram.run(() -> serve(Integer.parseInt(args[0]), Path.of(args[1])));
  }

  private static void serve(int port, Path data) throws Exception {
    Files.createDirectories(data);
    try (TestingServer server = ZooKeeperInProcess.newServer(port, data, LONGEST_SESSION)) {
      server.start();
      System.out.printf(
          "ready %s pid %d%n", server.getConnectString(), ProcessHandle.current().pid());
      ParentWatch.endOfInput().await();
    }
  }
}
