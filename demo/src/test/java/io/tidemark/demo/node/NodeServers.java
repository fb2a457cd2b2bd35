package io.tidemark.demo.node;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.jdbc.PostgresVersions;
import io.tidemark.servers.PostgresBinary;
import io.tidemark.servers.RestartableServer;
import io.tidemark.testkit.FreePort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

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

  /** A machine may stand still meanwhile. */
  static final Duration SESSION = Duration.ofSeconds(40);

  /** What only a server that hangs can miss. */
  private static final Duration STARTUP = Duration.ofMinutes(10);

  private static @Nullable EmbeddedPostgres postgres;
  private static int databases;

  private final RestartableServer zookeeper;
  private final RestartableServer redis;
  private final String database;

  private NodeServers(RestartableServer zookeeper, RestartableServer redis, String database) {
    this.zookeeper = zookeeper;
    this.redis = redis;
    this.database = database;
  }

  /** Starts ZooKeeper and Redis, and creates a database. */
  public static NodeServers start() throws Exception {
    RestartableServer zookeeper = RestartableServer.zookeeper(FreePort.any(), SESSION);
    zookeeper.start();
    RestartableServer redis = startRedis();
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

  /** One more Redis. */
  static RestartableServer startRedis() throws Exception {
    RestartableServer redis = RestartableServer.redis(FreePort.any());
    redis.start();
    return redis;
  }

  /** Where a server is. */
  static HostAndPort address(RestartableServer server) {
    return new HostAndPort("127.0.0.1", server.port());
  }

  /** Where ZooKeeper is. */
  public String zookeeperAddress() {
    return address(zookeeper).toString();
  }

  /** Where Redis is. */
  public HostAndPort redisAddress() {
    return address(redis);
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
        RedisAddress.of(redis),
        List.of(),
        jdbcUrl,
        lock,
        TTL,
        deadline,
        Duration.ZERO,
        policy == FallbackPolicy.STALE ? TTL : Duration.ZERO,
        LoadFailurePolicy.FAIL,
        policy,
        SESSION,
        NodeStage.NONE);
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
    try {
      redis.stop();
    } finally {
      zookeeper.stop();
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
