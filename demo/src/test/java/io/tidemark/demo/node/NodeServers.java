package io.tidemark.demo.node;

import io.tidemark.FallbackPolicy;
import io.tidemark.jdbc.PostgresVersions;
import io.tidemark.servers.PostgresBinary;
import io.tidemark.servers.RedisBinary;
import io.tidemark.testkit.FreePort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.embedded.RedisServer;

/**
 * ZooKeeper, Redis and a database with the table of products, for the tests of a class. The
 * databases of all classes are in one PostgreSQL, which ends with the virtual machine.
 */
public final class NodeServers implements AutoCloseable {
  private static final String TABLE = "/io/tidemark/demo/services/product.sql";

  /** How long a node serves a product from the cache: longer than any test. */
  static final Duration TTL = Duration.ofHours(1);

  /** What only a call that hangs takes. */
  static final Duration DEADLINE = Duration.ofMinutes(2);

  /** The longest that the server grants by default; a machine may stand still meanwhile. */
  static final Duration SESSION = Duration.ofSeconds(40);

  /** What only a server that hangs can miss. */
  private static final Duration STARTUP = Duration.ofMinutes(10);

  private static @Nullable EmbeddedPostgres postgres;
  private static int databases;

  private final TestingServer zookeeper;
  private final RedisServer redis;
  private final String database;

  private NodeServers(TestingServer zookeeper, RedisServer redis, String database) {
    this.zookeeper = zookeeper;
    this.redis = redis;
    this.database = database;
  }

  /** Starts ZooKeeper and Redis, and creates a database. */
  public static NodeServers start() throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    TestingServer zookeeper = new TestingServer(FreePort.any());
    RedisServer redis = newRedis();
    redis.start();
    NodeServers servers = new NodeServers(zookeeper, redis, createDatabase());
    servers.createTable();
    return servers;
  }

  private static synchronized String createDatabase() throws IOException, SQLException {
    if (postgres == null) {
      postgres = PostgresBinary.start(EmbeddedPostgres.builder().setPGStartupWait(STARTUP));
    }
    databases++;
    String name = "node_" + databases;
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
    }
    return name;
  }

  private static synchronized EmbeddedPostgres postgres() {
    return Objects.requireNonNull(postgres);
  }

  /** One more Redis, not started. */
  static RedisServer newRedis() throws IOException, InterruptedException {
    Path binary = RedisBinary.unpackInto(Files.createTempDirectory("redis"));
    return RedisServer.newRedisServer()
        .executableProvider(binary::toFile)
        .port(FreePort.any())
        .bind("127.0.0.1")
        .setting("save \"\"")
        .build();
  }

  /** Where ZooKeeper is. */
  public String zookeeperAddress() {
    return zookeeper.getConnectString();
  }

  /** Where Redis is. */
  public HostAndPort redisAddress() {
    return new HostAndPort("127.0.0.1", redis.ports().get(0));
  }

  /** The database. */
  public String jdbcUrl() {
    return postgres().getJdbcUrl("postgres", database);
  }

  Connection connect() throws SQLException {
    return postgres().getDatabase("postgres", database).getConnection();
  }

  /** How many reads of products the database has counted. */
  long reads() throws SQLException {
    return number("select case when is_called then last_value else 0 end from product_reads");
  }

  boolean aStatementWaitsForALock() throws SQLException {
    return number(
            "select count(*) from pg_stat_activity"
                + " where wait_event_type = 'Lock' and datname = current_database()")
        > 0;
  }

  /** What the database has for the name of a product. */
  String nameOf(long id) throws SQLException {
    return query("select name from product where id = " + id, row -> row.getString(1));
  }

  /** A node on these servers. */
  NodeOptions options(LockChoice lock, FallbackPolicy policy) {
    return options(lock, policy, DEADLINE, zookeeperAddress(), redisAddress(), jdbcUrl());
  }

  /** A node on any servers. */
  static NodeOptions options(
      LockChoice lock,
      FallbackPolicy policy,
      Duration deadline,
      String zookeeper,
      HostAndPort redis,
      String jdbcUrl) {
    return new NodeOptions(
        0,
        zookeeper,
        redis,
        List.of(),
        jdbcUrl,
        lock,
        TTL,
        deadline,
        Duration.ZERO,
        policy,
        SESSION,
        false);
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    return query(sql, row -> row.getLong(1));
  }

  private interface FirstRow<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> T query(String sql, FirstRow<T> result) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return result.read(rows);
    }
  }

  @Override
  public void close() throws IOException {
    try (zookeeper) {
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
}
