package io.tidemark.zookeeper;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.Certificate;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.client.ZKClientConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ensemble whose clients and servers speak TLS, each with certificates on both sides. */
final class ZooKeeperTlsIT {
  private static final Path PAGE = Path.of("..", "docs", "rights.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "zookeeper", "ZooKeeperTlsIT.java");

  private static final Path LOGS = Path.of("target");
  private static final SlotKey KEY = new SlotKey("products", "42");
  private static final int SERVERS = 3;
  private static final List<Process> PROCESSES = new ArrayList<>();
  private static final List<Integer> CLIENT_PORTS = ports();
  private static final List<Integer> QUORUM_PORTS = ports();
  private static final List<Integer> ELECTION_PORTS = ports();

  @TempDir private static Path folder;

  private static Certificate ofServers;
  private static Certificate ofClient;

  /** In processes of their own, because the options of TLS are system properties. */
  @BeforeAll
  static void start() throws Exception {
    // ZooKeeper's client looks the name up that belongs to an address, and compares that.
    String name = InetAddress.getByAddress(new byte[] {127, 0, 0, 1}).getHostName();
    String names = "ip:127.0.0.1" + (name.equals("127.0.0.1") ? "" : ",dns:" + name);
    ofServers = Certificate.of(names, folder.resolve("server"));
    ofClient = Certificate.of("dns:client", folder.resolve("client"));
    for (int i = 0; i < SERVERS; i++) {
      PROCESSES.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                  configuration(i).toString())
              .redirectErrorStream(true)
              .redirectOutput(LOGS.resolve("zookeeper-tls-" + i + ".log").toFile())
              .start());
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    PROCESSES.forEach(Process::destroyForcibly);
    for (Process process : PROCESSES) {
      process.waitFor(Awaiting.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void client_ofThePage_usesLocks() throws Exception {
    String page = Files.readString(PAGE, UTF_8);
    int begin = page.indexOf("```java\nZKClientConfig") + "```java\n".length();
    assertThat(unindented(Files.readString(THIS, UTF_8)))
        .contains(unindented(page.substring(begin, page.indexOf("```", begin))));

    String password = Certificate.PASSWORD;
    String servers =
        CLIENT_PORTS.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    try (CuratorFramework curator =
            client(servers, ofClient.keyStore(), ofServers.trustStore(), password);
        ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      awaitConnected(curator);
      assertThat(locks.check("products", patience())).isEmpty();
      try (LockHandle handle = acquireOnceFree(locks, KEY)) {
        assertThat(handle.fence()).isPositive();
        assertThat(locks.tryAcquire(KEY, patience())).isInstanceOf(Held.class);
      }
      acquireOnceFree(locks, KEY).close();
    }
    for (int port : List.of(CLIENT_PORTS.get(0), ELECTION_PORTS.get(0))) {
      assertThatThrownBy(() -> greet(port))
          .as("the server wants a certificate on port " + port)
          .isInstanceOf(IOException.class)
          .hasMessageMatching("Received fatal alert: .*|Connection reset|Broken pipe.*|no answer");
    }
  }

  private static CuratorFramework client(
      String zookeeper, Path keyStore, Path trustStore, String password) {
    ZKClientConfig tls = new ZKClientConfig();
    tls.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
    tls.setProperty(
        ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
    tls.setProperty("zookeeper.ssl.keyStore.location", keyStore.toString());
    tls.setProperty("zookeeper.ssl.keyStore.password", password);
    tls.setProperty("zookeeper.ssl.trustStore.location", trustStore.toString());
    tls.setProperty("zookeeper.ssl.trustStore.password", password);
    CuratorFramework curator =
        CuratorFrameworkFactory.builder()
            .connectString(zookeeper)
            .zkClientConfig(tls)
            .retryPolicy(new RetryOneTime(100))
            .build();
    curator.start();
    return curator;
  }

  /** Speaks TLS without a certificate of its own, and waits for what the server says to that. */
  private static void greet(int port) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    try (InputStream stored = Files.newInputStream(ofServers.trustStore())) {
      trusted.load(stored, Certificate.PASSWORD.toCharArray());
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
      if (socket.getInputStream().read() < 0) {
        throw new IOException("no answer");
      }
    }
  }

  private static void awaitConnected(CuratorFramework curator) {
    Awaiting.await()
        .failFast("a server ended", () -> !PROCESSES.stream().allMatch(Process::isAlive))
        .until(() -> curator.getZookeeperClient().isConnected());
  }

  private static Path configuration(int place) throws IOException {
    Path data = Files.createDirectory(folder.resolve("data-" + place));
    Files.writeString(data.resolve("myid"), Integer.toString(place));
    List<String> lines =
        new ArrayList<>(
            List.of(
                "tickTime=500",
                "initLimit=20",
                "syncLimit=10",
                "dataDir=" + data,
                "admin.enableServer=false",
                "secureClientPort=" + CLIENT_PORTS.get(place),
                "secureClientPortAddress=127.0.0.1",
                "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
                "ssl.keyStore.location=" + ofServers.keyStore(),
                "ssl.keyStore.password=" + Certificate.PASSWORD,
                "ssl.trustStore.location=" + ofClient.trustStore(),
                "ssl.trustStore.password=" + Certificate.PASSWORD,
                "sslQuorum=true",
                "ssl.quorum.keyStore.location=" + ofServers.keyStore(),
                "ssl.quorum.keyStore.password=" + Certificate.PASSWORD,
                "ssl.quorum.trustStore.location=" + ofServers.trustStore(),
                "ssl.quorum.trustStore.password=" + Certificate.PASSWORD));
    for (int i = 0; i < SERVERS; i++) {
      lines.add(
          "server.%d=127.0.0.1:%d:%d".formatted(i, QUORUM_PORTS.get(i), ELECTION_PORTS.get(i)));
    }
    return Files.write(folder.resolve(place + ".cfg"), lines);
  }

  private static List<Integer> ports() {
    return IntStream.range(0, SERVERS).mapToObj(i -> FreePort.any()).toList();
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
