package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingCluster;

/** Three servers, each behind a network of its own on the way to its clients. */
final class ThreeServers implements AutoCloseable {
  private final TestingCluster cluster = ZooKeeperServers.startCluster();
  private final Map<InstanceSpec, TcpProxy> networks = new LinkedHashMap<>();

  ThreeServers() throws Exception {
    cluster.getInstances().forEach(server -> networks.put(server, TcpProxy.to(server.getPort())));
    awaitWhole();
  }

  List<InstanceSpec> servers() {
    return List.copyOf(networks.keySet());
  }

  /** The networks to all servers, as a client takes them. */
  String addresses() {
    return addresses(networks.keySet());
  }

  /** The networks to some servers. */
  String addresses(Collection<InstanceSpec> servers) {
    return servers.stream()
        .map(server -> network(server).address())
        .collect(Collectors.joining(","));
  }

  TcpProxy network(InstanceSpec server) {
    return Objects.requireNonNull(networks.get(server));
  }

  InstanceSpec leader() {
    return servers().stream().filter(server -> is(server, "leader")).findAny().orElseThrow();
  }

  List<InstanceSpec> followers() {
    return servers().stream().filter(server -> is(server, "follower")).toList();
  }

  InstanceSpec serverOf(CuratorFramework curator) throws Exception {
    int port = remotePort(curator);
    return servers().stream()
        .filter(server -> network(server).port() == port)
        .findAny()
        .orElseThrow();
  }

  void kill(InstanceSpec server) throws Exception {
    cluster.killServer(server);
  }

  /** Starts a server that was killed, and waits until it serves again. */
  void restart(InstanceSpec server) throws Exception {
    restart(List.of(server));
  }

  /** Starts some servers likewise, which may need each other. */
  void restart(Collection<InstanceSpec> servers) throws Exception {
    for (InstanceSpec server : servers) {
      cluster.restartServer(server);
    }
    awaitWhole();
  }

  void awaitReadOnly(InstanceSpec server) {
    await().until(() -> is(server, "read-only"));
  }

  @Override
  public void close() throws IOException {
    networks.values().forEach(TcpProxy::close);
    cluster.close();
  }

  private void awaitWhole() {
    await().until(() -> followers().size() == networks.size() - 1 && hasLeader());
  }

  private boolean hasLeader() {
    return servers().stream().anyMatch(server -> is(server, "leader"));
  }

  private static boolean is(InstanceSpec server, String mode) {
    return is(server.getPort(), mode);
  }

  /** Whether a server is there and in that mode. */
  static boolean is(int port, String mode) {
    return state(port).contains("Mode: " + mode + "\n");
  }

  /** The number of the last change that a server knows; empty if it does not serve. */
  static OptionalLong lastChange(int port) {
    return Pattern.compile("Zxid: (\\S+)")
        .matcher(state(port))
        .results()
        .mapToLong(zxid -> Long.decode(zxid.group(1)))
        .findFirst();
  }

  /** What a server says of itself; empty if it is not there. */
  private static String state(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("srvr".getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    } catch (IOException e) {
      return "";
    }
  }

  /** Curator knows it only as a part of a text. */
  private static int remotePort(CuratorFramework curator) throws Exception {
    String client = curator.getZookeeperClient().getZooKeeper().toString();
    String server = client.replaceAll("(?s).*remoteserver:\\S*:(\\d+) .*", "$1");
    return Integer.parseInt(server);
  }
}
