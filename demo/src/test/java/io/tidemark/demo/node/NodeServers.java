package io.tidemark.demo.node;

import io.tidemark.jdbc.PostgresVersions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.apache.curator.test.TestingServer;
import redis.clients.jedis.HostAndPort;
import redis.embedded.RedisServer;

/** ZooKeeper, Redis and PostgreSQL with the table of products, for the tests of a class. */
final class NodeServers implements AutoCloseable {
  private static final String TABLE = "/io/tidemark/demo/services/product.sql";

  private final TestingServer zookeeper;
  private final RedisServer redis;
  private final EmbeddedPostgres postgres;

  private NodeServers(TestingServer zookeeper, RedisServer redis, EmbeddedPostgres postgres) {
    this.zookeeper = zookeeper;
    this.redis = redis;
    this.postgres = postgres;
  }

  static NodeServers start() throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    TestingServer zookeeper = new TestingServer();
    RedisServer redis = newRedis();
    redis.start();
    NodeServers servers = new NodeServers(zookeeper, redis, EmbeddedPostgres.start());
    servers.createTable();
    return servers;
  }

  /** One more Redis, not started. */
  static RedisServer newRedis() throws IOException {
    return RedisServer.newRedisServer()
        .port(freePort())
        .bind("127.0.0.1")
        .setting("save \"\"")
        .build();
  }

  String zookeeperAddress() {
    return zookeeper.getConnectString();
  }

  HostAndPort redisAddress() {
    return new HostAndPort("127.0.0.1", redis.ports().get(0));
  }

  String jdbcUrl() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  Connection connect() throws SQLException {
    return postgres.getPostgresDatabase().getConnection();
  }

  /** How many reads of products the database has counted. */
  long reads() throws SQLException {
    return number("select case when is_called then last_value else 0 end from product_reads");
  }

  boolean aStatementWaitsForARow() throws SQLException {
    return number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") > 0;
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  @Override
  public void close() throws IOException {
    try (postgres;
        zookeeper) {
      redis.stop();
    }
  }

  private void createTable() throws IOException, SQLException {
    try (InputStream sql = NodeServers.class.getResourceAsStream(TABLE)) {
      execute(
          new String(Objects.requireNonNull(sql, TABLE).readAllBytes(), StandardCharsets.UTF_8));
    }
    execute(PostgresVersions.triggerSql("product", "updated_at"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
