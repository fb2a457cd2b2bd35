package io.tidemark.proof.histories;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One server of an ensemble, or the only one, a process of its own that can be started again. */
final class ZooKeeperServer {
  /** Of how many servers one may be missing. */
  static final int ENSEMBLE = 3;

  static final int PORTS_EACH = 3;
  private static final int TICK_MILLIS = 500;
  private static final int LONGEST_SESSION_MILLIS = 60_000;
  private static final int HEAP_MEGABYTES = 64;

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
  static List<ZooKeeperServer> startEnsemble(ProcessGroup group, int size, List<Integer> ports)
      throws IOException, InterruptedException {
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
  static String addresses(List<ZooKeeperServer> servers) {
    return servers.stream()
        .map(server -> "127.0.0.1:" + server.clientPort())
        .collect(Collectors.joining(","));
  }

  int clientPort() {
    return clientPort;
  }

  synchronized Child child() {
    return child;
  }

  /** Starts it again after it was killed, with what it has on disk. */
  synchronized void restart() throws IOException, InterruptedException {
    child = launch(group, number, configuration);
  }

  private static Path configure(
      ProcessGroup group, int number, int clientPort, List<String> members) throws IOException {
    Path directory = Files.createDirectory(group.directory().resolve("zookeeper-" + number));
    Path data = Files.createDirectory(directory.resolve("data"));
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
        List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-Xmx" + HEAP_MEGABYTES + "m",
            "-Dzookeeper.admin.enableServer=false",
            "-Dzookeeper.forceSync=no",
            "-cp",
            System.getProperty("java.class.path"),
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            configuration.toString()));
  }
}
