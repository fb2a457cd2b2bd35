package io.tidemark.demo.services;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.demo.Program;
import io.tidemark.demo.services.ControlServer.Order;
import io.tidemark.processes.ThisJvm;
import io.tidemark.servers.Loopback;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;

/** Real servers, a group of them for each test; the tests mostly wait, and do it side by side. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(600)
class ServicesIT {

  /** Three servers of ZooKeeper, six nodes of Redis, PostgreSQL. */
  private static final int FLEET = 10;

  private static final int ZOOKEEPER_MILLIS = 60_000;

  @TempDir private Path folder = Path.of("");

  @Tag("thorough")
  @Test
  void services_started_serveWhatTheySayUntilTheEndOfInput() throws Exception {
    String port = Integer.toString(ServerPorts.free().redis());
    try (Program services = Program.start(folder, "services", "--redis-port", port)) {
      List<String> lines = services.readTo("ready");

      assertThat(lines).hasSize(4);
      assertThat(lines.get(0)).matches("zookeeper 127\\.0\\.0\\.1:\\d+ pid \\d+");
      assertThat(lines.get(1)).matches("redis 127\\.0\\.0\\.1:" + port + " pid \\d+");
      assertThat(lines.get(2))
          .matches("postgres jdbc:postgresql://127\\.0\\.0\\.1:\\d+/\\S+ pid \\d+");
      useZooKeeper(address(lines.get(0)));
      useRedis(address(lines.get(1)));
      usePostgres(address(lines.get(2)));

      services.endInput();

      assertThat(services.awaitExit()).isZero();
      services.assertNothingLeft();
      assertPortsFree(lines);
      assertThat(services.errors()).isEmpty();
    }
  }

  @Test
  void servers_stoppedAndStartedOneByOne_areBackOnTheirPortsUntilSigterm() throws Exception {
    try (Program services = Program.start(folder, "services")) {
      List<String> lines = services.readTo("ready").subList(0, 3);
      useZooKeeper(address(lines.get(0)));
      useRedis(address(lines.get(1)));
      usePostgres(address(lines.get(2)));
      RunningServices running = running();
      assertThat(running.status()).isEqualTo(lines);
      assertRefusedWithoutTheToken();

      for (ServerName name : ServerName.values()) {
        String line = lineOf(name, lines);
        ProcessHandle process = Program.process(line);

        assertThat(running.ask(Order.STOP, name.text())).containsExactly(stopped(line));

        assertThat(process.isAlive()).as(line).isFalse();
        assertRefused(
            () -> running.ask(Order.STOP, name.text()),
            name.text() + " is already stopped; only a running server can be stopped");
      }
      assertPortsFree(lines);
      assertThat(running.status())
          .containsExactlyElementsOf(lines.stream().map(ServicesIT::stopped).toList());
      assertPortTakenMeanwhileIsRefused(running, lines.get(1));
      for (ServerName name : ServerName.values()) {
        String line = running.ask(Order.START, name.text()).get(0);

        assertThat(address(line)).isEqualTo(address(lineOf(name, lines)));
        assertThat(Program.process(line).isAlive()).isTrue();
        assertRefused(
            () -> running.ask(Order.START, name.text()),
            name.text()
                + " is already running, pid "
                + Program.process(line).pid()
                + "; only a stopped server");
      }
      assertKeptByZooKeeper(address(lines.get(0)));
      assertEmptyRedis(address(lines.get(1)));
      assertKeptByPostgres(address(lines.get(2)));

      services.terminate();

      assertThat(services.awaitExit()).isEqualTo(Program.SIGTERM_EXIT);
      services.assertNothingLeft();
      assertThat(services.errors()).isEmpty();
    }
  }

  @Test
  void services_detached_goOnAloneUntilTheyAreStopped() throws Exception {
    try (Program services = Program.start(folder, "services", "--detach")) {
      List<String> lines = services.readTo("ready").subList(0, 3);
      assertThat(services.awaitExit()).isZero();
      assertThat(services.errors()).isEmpty();
      RunningServices running = running();
      try {
        hangUp(running.pid());

        assertThat(command("services", "restart", "redis"))
            .matches("0 redis " + address(lines.get(1)) + " pid \\d+\n");
        assertThat(command("services", "restart", "postgresql"))
            .startsWith("0 postgres " + address(lines.get(2)) + " pid ");
        assertThat(command("services", "--detach"))
            .startsWith("1 Servers run already, group " + running.pid() + ":\n" + lines.get(0))
            .contains("'services stop' stops them.");
        useRedis(address(running.status().get(1)));
      } finally {
        assertThat(command("services", "stop"))
            .isEqualTo("0 " + lines.stream().map(line -> stopped(line) + "\n").collect(joining()));
      }
      services.assertNothingLeft();
      assertPortsFree(lines);
      assertThat(Checkout.backgroundLog()).doesNotExist();
      assertThat(RunningServices.find(temporary())).isEmpty();
    }
  }

  @Test
  void fleet_serversStoppedAndStarted_servesWithoutThemAndLeavesNothing() throws Exception {
    try (Program services = Program.start(folder, "services", "--fleet")) {
      List<String> printed = services.readTo("ready");
      List<String> lines = printed.subList(0, FLEET);
      assertThat(lines)
          .allMatch(line -> line.matches("(zookeeper-|redis-|postgres)\\S* \\S+ pid \\d+"));
      String zookeeper = addresses(lines, "zookeeper-");
      String redis = addresses(lines, "redis-");
      assertThat(printed.get(FLEET))
          .startsWith(
              "node options: --zookeeper %s --redis-cluster %s --jdbc jdbc:"
                  .formatted(zookeeper, redis));
      RunningServices running = running();
      assertThat(running.status()).isEqualTo(lines);
      useZooKeeper(zookeeper);
      useCluster(redis);

      for (String name : List.of("zookeeper-1", "redis-6", "postgres")) {
        assertThat(running.ask(Order.STOP, name).get(0)).matches(name + " \\S+ stopped");
        assertRefused(() -> running.ask(Order.STOP, name), name + " is already stopped");
      }
      assertRefused(() -> running.ask(Order.STOP, "redis"), "'redis'; it must be one of zookeep");
      assertKeptByZooKeeper(zookeeper);
      useCluster(redis);
      for (String name : List.of("zookeeper-1", "redis-6", "postgres")) {
        assertThat(running.ask(Order.START, name).get(0)).matches(name + " \\S+ pid \\d+");
        assertRefused(() -> running.ask(Order.START, name), name + " is already running, pid ");
      }

      services.endInput();

      assertThat(services.awaitExit()).isZero();
      services.assertNothingLeft();
      assertThat(services.errors()).isEmpty();
    }
  }

  /** The addresses of the servers whose names begin so, as a client takes them. */
  private static String addresses(List<String> lines, String names) {
    return lines.stream()
        .filter(line -> line.startsWith(names))
        .map(ServicesIT::address)
        .collect(joining(","));
  }

  private static void useCluster(String addresses) {
    Set<HostAndPort> nodes =
        Stream.of(addresses.split(",", -1)).map(HostAndPort::from).collect(toSet());
    try (RedisClusterClient client = RedisClusterClient.builder().nodes(nodes).build()) {
      // One key of each master, most probably: every one of them must answer.
      for (int key = 0; key < FLEET; key++) {
        client.set("key " + key, "value");
        assertThat(client.get("key " + key)).isEqualTo("value");
      }
    }
  }

  @Tag("thorough")
  @Test
  void services_killed_leaveNothingAllTheSame() throws Exception {
    try (Program services = Program.start(folder, "services")) {
      List<String> lines = services.readTo("ready");
      RunningServices running = running();
      // What replaces a server is taken care of as well.
      running.ask(Order.RESTART, "redis");
      ProcessHandle redis = Program.process(running.status().get(1));

      services.kill();

      services.awaitExit();
      assertThat(RunningServices.find(temporary())).isEmpty();
      services.awaitNothingLeft();
      assertThat(redis.isAlive()).isFalse();
      assertPortsFree(lines);
    }
  }

  @Test
  @Tag("thorough")
  void services_reaperKilledAsWell_areCleanedUpByTheNextCommand() throws Exception {
    Path left = Files.createDirectories(temporary().resolve("tidemark-1"));
    ProcessHandle gone = gone();
    control(left, gone.pid(), ControlFile.startOf(gone), gone.pid()).write();

    assertThat(RunningServices.find(temporary())).isEmpty();

    assertThat(left).doesNotExist();
  }

  @Test
  @Tag("thorough")
  void services_numberOfTheirProcessIsUsedAgain_areGoneAllTheSame() throws Exception {
    Path left = Files.createDirectories(temporary().resolve("tidemark-2"));
    ProcessHandle other = ProcessHandle.current();
    control(left, other.pid(), ControlFile.startOf(other) + " and before", gone().pid()).write();

    assertThat(RunningServices.find(temporary())).isEmpty();

    assertThat(left).doesNotExist();
  }

  private static ControlFile control(Path directory, long pid, String started, long reaperPid)
      throws IOException {
    return new ControlFile(
        directory, pid, started, reaperPid, 1, "token", Checkout.build().toString());
  }

  @Tag("thorough")
  @Test
  void services_serverDies_sayWhichAndStop() throws Exception {
    try (Program services = Program.start(folder, "services")) {
      List<String> lines = services.readTo("ready");

      Program.process(lines.get(1)).destroyForcibly();

      assertThat(services.awaitExit()).isEqualTo(1);
      assertThat(services.errors())
          .startsWith("redis (pid ")
          .contains("died unexpectedly; the end of its log:")
          .contains("Ready to accept connections");
      services.assertNothingLeft();
    }
  }

  @Test
  void services_portTaken_refuseAndStartNothing() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(Loopback.address(ServerPorts.ANY));
      String port = Integer.toString(taken.getLocalPort());
      try (Program services = Program.start(folder, "services", "--postgres-port", port)) {
        assertThat(services.awaitExit()).isEqualTo(2);
        assertThat(services.errors())
            .startsWith("--postgres-port is " + port + "; it must be a port that is free");
        assertThat(services.leftFiles()).isEmpty();
      }
    }
  }

  private Path temporary() {
    return folder.resolve("tmp");
  }

  private RunningServices running() throws Exception {
    return RunningServices.find(temporary()).get(0);
  }

  /** Runs a command beside the program; returns its exit code, a space, and what it wrote. */
  private String command(String... arguments) throws Exception {
    List<String> command =
        ThisJvm.command(
            ThisJvm.program("io.tidemark.demo.Tidemark"),
            List.of("-Djava.io.tmpdir=" + temporary()),
            List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() + " " + output;
  }

  /** What a terminal sends to its processes when it is closed. */
  private static void hangUp(long pid) throws Exception {
    Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s HUP " + pid).start();
    assertThat(kill.waitFor()).isZero();
  }

  private static ProcessHandle gone() throws Exception {
    Process process = new ProcessBuilder("/bin/sh", "-c", "exit").start();
    process.waitFor();
    return process.toHandle();
  }

  private static String lineOf(ServerName name, List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(name.text() + " "))
        .findFirst()
        .orElseThrow();
  }

  private static String stopped(String line) {
    return line.replaceAll("pid \\d+$", "stopped");
  }

  private static void assertRefused(ThrowingCallable order, String message) {
    assertThatExceptionOfType(RefusedCommandException.class)
        .isThrownBy(order)
        .withMessageStartingWith(message);
  }

  private static void assertPortTakenMeanwhileIsRefused(RunningServices running, String line)
      throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.setReuseAddress(true);
      taken.bind(Loopback.address(port(line)));

      assertRefused(
          () -> running.ask(Order.START, "redis"),
          "redis cannot be started: its port, " + port(line) + ", must be free on 127.0.0.1");
    }
  }

  private void assertRefusedWithoutTheToken() throws IOException {
    ControlFile file = ControlFile.ofThisCheckout(temporary()).get(0);
    try (Socket socket = new Socket()) {
      socket.connect(Loopback.address(file.port()));
      socket.getOutputStream().write("guessed END\n".getBytes(StandardCharsets.UTF_8));

      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("refused\nthe order does not begin with the token");
    }
  }

  private static void assertKeptByZooKeeper(String address) throws Exception {
    try (CuratorFramework curator = curator(address)) {
      assertThat(curator.checkExists().forPath("/there")).isNotNull();
    }
  }

  private static void assertEmptyRedis(String address) {
    String[] parts = address.split(":", 2);
    try (RedisClient redis = RedisClient.create(parts[0], Integer.parseInt(parts[1]))) {
      assertThat(redis.get("key")).isNull();
    }
  }

  private static void assertKeptByPostgres(String url) throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      assertThat(text(statement, "SELECT nextval('product_reads') > 1")).isEqualTo("t");
    }
  }

  private static CuratorFramework curator(String address) {
    CuratorFramework curator =
        CuratorFrameworkFactory.newClient(address, 2_000, ZOOKEEPER_MILLIS, new RetryOneTime(100));
    curator.start();
    return curator;
  }

  private static void useZooKeeper(String address) throws Exception {
    try (CuratorFramework curator = curator(address)) {
      curator.create().forPath("/there");

      assertThat(curator.checkExists().forPath("/there")).isNotNull();
      // The demo's processes ask for two seconds, and must get them.
      assertThat(curator.getZookeeperClient().getZooKeeper().getSessionTimeout()).isEqualTo(2_000);
    }
  }

  private static void useRedis(String address) {
    String[] parts = address.split(":", 2);
    try (RedisClient redis = RedisClient.create(parts[0], Integer.parseInt(parts[1]))) {
      redis.set("key", "value");

      assertThat(redis.get("key")).isEqualTo("value");
    }
  }

  private static void usePostgres(String url) throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      assertThat(
              text(statement, "SELECT count(*) || ' ' || min(id) || ' ' || max(id) FROM product"))
          .isEqualTo("100 1 100");
      assertThat(
              text(
                  statement,
                  "SELECT name || ' ' || price || ' ' || stock FROM product WHERE id = 1"))
          .isEqualTo("Laptop 999.99 10");
      assertThat(
              text(
                  statement,
                  "WITH old AS (SELECT updated_at FROM product WHERE id = 1) "
                      + "UPDATE product SET updated_at = '2001-01-01' FROM old WHERE id = 1 "
                      + "RETURNING product.updated_at > old.updated_at"))
          .isEqualTo("t");
      assertThat(text(statement, "SELECT nextval('product_reads')")).isEqualTo("1");
    }
  }

  private static String text(Statement statement, String sql) throws Exception {
    try (ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static String address(String line) {
    return line.split(" ", 3)[1];
  }

  private static void assertPortsFree(List<String> lines) throws Exception {
    for (String line : lines.subList(0, 3)) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(Loopback.address(port(line)));
      }
    }
  }

  private static int port(String line) {
    return Integer.parseInt(address(line).replaceAll(".*127\\.0\\.0\\.1:(\\d+).*", "$1"));
  }
}
