package io.tidemark.demo.services;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.Program;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.RedisClient;

@Tag("one-jdk")
@Timeout(300)
class ServicesIT {
  private static final int SIGTERM_EXIT = 143;

  @TempDir private Path folder = Path.of("");

  @Test
  void services_started_serveWhatTheySay() throws Exception {
    try (Program services = Program.start(folder, "services")) {
      List<String> lines = services.readTo("ready");

      assertThat(lines).hasSize(4);
      assertThat(lines.get(0)).matches("zookeeper 127\\.0\\.0\\.1:\\d+ pid \\d+");
      assertThat(lines.get(1)).matches("redis 127\\.0\\.0\\.1:\\d+ pid \\d+");
      assertThat(lines.get(2))
          .matches("postgres jdbc:postgresql://127\\.0\\.0\\.1:\\d+/\\S+ pid \\d+");
      useZooKeeper(address(lines.get(0)));
      useRedis(address(lines.get(1)));
      usePostgres(address(lines.get(2)));
    }
  }

  @Test
  void services_endOfInput_stopAndLeaveNothing() throws Exception {
    try (Program services = Program.start(folder, "services")) {
      List<String> lines = services.readTo("ready");

      services.endInput();

      assertThat(services.awaitExit()).isZero();
      services.assertNothingLeft();
      assertPortsFree(lines);
      assertThat(services.errors()).isEmpty();
    }
  }

  @Test
  void services_sigterm_stopAndLeaveNothing() throws Exception {
    try (Program services = Program.start(folder, "services")) {
      List<String> lines = services.readTo("ready");

      services.terminate();

      assertThat(services.awaitExit()).isEqualTo(SIGTERM_EXIT);
      services.assertNothingLeft();
      assertPortsFree(lines);
      assertThat(services.errors()).isEmpty();
    }
  }

  @Test
  void services_killed_leaveNothingAllTheSame() throws Exception {
    try (Program services = Program.start(folder, "services")) {
      List<String> lines = services.readTo("ready");

      services.kill();

      services.awaitExit();
      services.awaitNothingLeft();
      assertPortsFree(lines);
    }
  }

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
      taken.bind(ServerPorts.loopback(ServerPorts.ANY));
      String port = Integer.toString(taken.getLocalPort());
      try (Program services = Program.start(folder, "services", "--postgres-port", port)) {
        assertThat(services.awaitExit()).isEqualTo(2);
        assertThat(services.errors())
            .startsWith("--postgres-port is " + port + "; it must be a port that is free");
        assertThat(services.leftFiles()).isEmpty();
      }
    }
  }

  @Test
  void services_givenPorts_areUsed() throws Exception {
    int port = ServerPorts.free().redis();
    try (Program services =
        Program.start(folder, "services", "--redis-port", Integer.toString(port))) {
      assertThat(services.readTo("ready").get(1)).startsWith("redis 127.0.0.1:" + port + " ");
    }
  }

  private static void useZooKeeper(String address) throws Exception {
    try (CuratorFramework curator =
        CuratorFrameworkFactory.newClient(address, 2_000, 2_000, new RetryOneTime(100))) {
      curator.start();
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
      int port = Integer.parseInt(address(line).replaceAll(".*127\\.0\\.0\\.1:(\\d+).*", "$1"));
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(ServerPorts.loopback(port));
      }
    }
  }
}
