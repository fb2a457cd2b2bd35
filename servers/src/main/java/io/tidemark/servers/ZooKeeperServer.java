package io.tidemark.servers;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ThisJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One server, alone or of an ensemble: a process that can be started again. Thread-safe. */
public final class ZooKeeperServer {
  /** Of how many servers one may be missing. */
  public static final int ENSEMBLE = 3;

  /** How many ports a server has. */
  public static final int PORTS_EACH = 3;

  private static final int TICK_MILLIS = 500;
  private static final int ANSWER_MILLIS = 1_000;
  private static final int LONGEST_SESSION_MILLIS = 60_000;
  private static final String DATA = "data";
  private static final List<String> OPTIONS = List.of("-Xmx64m");
  private static final String SERVER = "org.apache.zookeeper.server.quorum.QuorumPeerMain";

  private final ProcessGroup group;
  private final int number;
  private final int clientPort;
  private final Path configuration;
  private Child child;

  private ZooKeeperServer(
      ProcessGroup group, int number, int clientPort, Path configuration, Child child) {
    this.group = group;
    this.number = number;
    this.clientPort = clientPort;
    this.configuration = configuration;
    this.child = child;
  }

  /**
   * Starts an ensemble; returns at once.
   *
   * @param size how many servers
   * @param ports {@link #PORTS_EACH} free ports for each server
   */
  public static List<ZooKeeperServer> startEnsemble(
      ProcessGroup group, int size, List<Integer> ports) throws IOException, InterruptedException {
    List<String> members = new ArrayList<>();
    for (int number = 1; number <= size; number++) {
      int first = (number - 1) * PORTS_EACH;
      members.add(
          "server.%d=127.0.0.1:%d:%d"
              .formatted(number, ports.get(first + 1), ports.get(first + 2)));
    }
    List<ZooKeeperServer> servers = new ArrayList<>();
    for (int number = 1; number <= size; number++) {
      int clientPort = ports.get((number - 1) * PORTS_EACH);
      Path configuration = configure(group, number, clientPort, members);
      Child child = launch(group, number, configuration);
      servers.add(new ZooKeeperServer(group, number, clientPort, configuration, child));
    }
    return List.copyOf(servers);
  }

  /** The addresses of all servers, as a client takes them. */
  public static String addresses(List<ZooKeeperServer> servers) {
    return servers.stream()
        .map(server -> "127.0.0.1:" + server.clientPort())
        .collect(Collectors.joining(","));
  }

  /** Where its clients connect. */
  public int clientPort() {
    return clientPort;
  }

  /** The process that it is now. */
  public synchronized Child child() {
    return child;
  }

  /** Whether it says that it leads the others. */
  public boolean isLeader() {
    try {
      return ZooKeeperStatus.of(clientPort, ANSWER_MILLIS).leader();
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits until clients can connect to it. */
  public void awaitListening() throws InterruptedException {
    ServerStart.awaitListening(group, child(), clientPort);
  }

  /** Ends it, and returns when it is gone. */
  public void stop() throws IOException, InterruptedException {
    group.end(child());
  }

  /** Starts it again after it was killed, with what it has on disk. */
  public synchronized void restart() throws IOException, InterruptedException {
    ZooKeeperEpoch.mend(configuration.resolveSibling(DATA));
    child = launch(group, number, configuration);
  }

  private static Path configure(
      ProcessGroup group, int number, int clientPort, List<String> members) throws IOException {
    Path directory = Files.createDirectory(group.directory().resolve("zookeeper-" + number));
    Path data = Files.createDirectory(directory.resolve(DATA));
    Files.writeString(data.resolve("myid"), Integer.toString(number));
    List<String> lines =
        new ArrayList<>(
            List.of(
                "tickTime=" + TICK_MILLIS,
                "maxSessionTimeout=" + LONGEST_SESSION_MILLIS,
                "initLimit=10",
                "syncLimit=4",
                "dataDir=" + data,
                "clientPort=" + clientPort,
                "clientPortAddress=127.0.0.1",
                "maxClientCnxns=0",
                "admin.enableServer=false",
                // Processes are killed here, machines are not: nothing is lost without it.
                "forceSync=no"));
    if (members.size() > 1) {
      lines.addAll(members);
    }
    return Files.write(directory.resolve("zoo.cfg"), lines);
  }

  private static Child launch(ProcessGroup group, int number, Path configuration)
      throws IOException, InterruptedException {
    return group.start(
        "zookeeper " + number,
        ThisJvm.command(ThisJvm.program(SERVER), OPTIONS, List.of(configuration.toString())));
  }
}
