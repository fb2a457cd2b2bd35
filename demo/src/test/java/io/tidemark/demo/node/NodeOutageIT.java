package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.VersionedCache;
import io.tidemark.demo.node.HttpCaller.Answer;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.servers.RestartableServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.postgresql.ds.PGSimpleDataSource;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/**
 * Nodes one of whose servers is away. They mostly wait, so they do it side by side: each test has
 * nodes and a product of its own.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(600)
class NodeOutageIT {
  private static final String LOCK = "/cache-strategies/distributed-lock/";
  private static final HostAndPort NOBODY = new HostAndPort("127.0.0.1", 1);
  private static final String NOBODYS_DATABASE = "jdbc:postgresql://127.0.0.1:1/postgres";

  /** Longer than this takes only what hangs. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Where the answer is the same whether it passes or not. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  private static NodeServers servers;

  @BeforeAll
  static void start() throws Exception {
    servers = NodeServers.start();
  }

  @AfterAll
  static void stop() throws Exception {
    servers.close();
  }

  @Test
  void read_redisAway_isAnswered503WithRetryAfter() throws Exception {
    try (HttpNode lonely = HttpNode.start(withRedis(LockChoice.ZOOKEEPER, NOBODY, SHORT))) {
      HttpCaller lonelyHttp = new HttpCaller(lonely.url());

      lonelyHttp.get(LOCK + 1).assertAway();
      lonelyHttp.put("/products/1", "{\"name\":\"x\",\"price\":1,\"stock\":0}").assertAway();
      lonelyHttp.delete("/cache-strategies/clear").assertAway();
      lonelyHttp.get("/products/1/slot").assertAway();
      lonelyHttp.post(LOCK + "1/stampede").assertAway();
      assertThat(lonelyHttp.get("/health").status()).isEqualTo(503);
      assertThat(lonelyHttp.get("/health").body().path("redis").textValue()).isEqualTo("down");
    }
  }

  @Test
  @Tag("thorough")
  void metrics_redisAway_tellTheOpenBreaker() throws Exception {
    try (HttpNode lonely = HttpNode.start(withRedis(LockChoice.LOCAL, NOBODY, SHORT))) {
      HttpCaller lonelyHttp = new HttpCaller(lonely.url());

      await()
          .atMost(LIMIT)
          .until(
              () -> {
                lonelyHttp.get(LOCK + 27).assertAway();
                return metrics(lonelyHttp)
                        .sample(
                            "resilience4j_circuitbreaker_state{name=\"tidemark-store\",state=\"open\"}")
                    == 1;
              });

      assertThat(
              metrics(lonelyHttp)
                  .sample(
                      "tidemark_lock_total_time_seconds_count"
                          + "{cache=\"products\",source=\"failed\"}"))
          .isPositive();
    }
  }

  @Test
  @Tag("thorough")
  void redlock_oneOfItsServersAway_readsUnderTheLock() throws Exception {
    RestartableServer second = NodeServers.startRedis();
    NodeOptions options =
        new NodeOptions(
            0,
            servers.zookeeperAddress(),
            RedisAddress.of(servers.redisAddress()),
            List.of(servers.redisAddress(), NodeServers.address(second), NOBODY),
            servers.jdbcUrl(),
            LockChoice.REDLOCK,
            NodeServers.TTL,
            NodeServers.DEADLINE,
            Duration.ZERO,
            Duration.ZERO,
            LoadFailurePolicy.FAIL,
            FallbackPolicy.FAIL,
            NodeServers.SESSION,
            NodeStage.NONE);
    try (HttpNode other = HttpNode.start(options)) {
      JsonNode answer = new HttpCaller(other.url()).get(LOCK + 16).body();

      assertThat(answer.path("source").textValue()).isEqualTo("database (lock holder)");
    } finally {
      second.stop();
    }
  }

  @Test
  @Tag("thorough")
  void read_databaseAway_isAnswered503WithRetryAfter() throws Exception {
    NodeOptions options =
        NodeServers.options(
            LockChoice.ZOOKEEPER,
            FallbackPolicy.FAIL,
            SHORT,
            servers.zookeeperAddress(),
            servers.redisAddress(),
            NOBODYS_DATABASE);
    try (HttpNode lonely = HttpNode.start(options)) {
      HttpCaller lonelyHttp = new HttpCaller(lonely.url());

      lonelyHttp.get(LOCK + 17).assertAway();
      lonelyHttp.delete("/products/17").assertAway();
      assertThat(lonelyHttp.get("/health").body().path("postgres").textValue()).isEqualTo("down");
      assertThat(lonelyHttp.post(LOCK + "17/stampede").body().path("errors").intValue())
          .isEqualTo(10);
    }
  }

  @Test
  void read_zookeeperAway_isAnsweredAsThePolicySays() throws Exception {
    try (HttpNode failing = HttpNode.start(withoutZooKeeper(FallbackPolicy.FAIL, SHORT));
        HttpNode loading =
            HttpNode.start(withoutZooKeeper(FallbackPolicy.LOAD, NodeServers.DEADLINE))) {
      new HttpCaller(failing.url()).get(LOCK + 18).assertAway();
      assertThat(new HttpCaller(failing.url()).get("/health").status()).isEqualTo(503);

      Answer loaded = new HttpCaller(loading.url()).get(LOCK + 18);
      assertThat(loaded.status()).isEqualTo(200);
      assertThat(loaded.body().path("source").textValue()).isEqualTo("database (fallback)");
      assertThat(loaded.body().path("lockAcquired").booleanValue()).isFalse();
    }
  }

  @Test
  @Tag("thorough")
  void read_zookeeperAwayAndTheValueExpired_isServedStale() throws Exception {
    Product filled = fillWithAnExpiredValue(20);
    try (HttpNode stale =
        HttpNode.start(withoutZooKeeper(FallbackPolicy.STALE, NodeServers.DEADLINE))) {
      HttpCaller staleHttp = new HttpCaller(stale.url());

      Answer answer =
          await()
              .atMost(LIMIT)
              .until(
                  () -> staleHttp.get(LOCK + 20),
                  read -> !"cache".equals(read.body().path("source").textValue()));

      assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
      assertThat(answer.body().path("source").textValue()).isEqualTo("cache (stale)");
      assertThat(answer.body().path("product"))
          .isEqualTo(Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(filled)));
    }
  }

  /** Puts a product into the nodes' cache that is good for a moment, and then stale for an hour. */
  private static Product fillWithAnExpiredValue(long id) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(servers.jdbcUrl());
    Products products = new Products(database, LIMIT);
    try (RedisClient redis = RedisClient.builder().hostAndPort(servers.redisAddress()).build();
        VersionedCache<Long, Product> cache =
            VersionedCache.<Long, Product>builder("products")
                .source(products::load)
                .store(RedisStore.create(redis))
                .locks(LocalLocks.create())
                .codec(JsonCodec.of(new TypeReference<Product>() {}, Json.MAPPER))
                .ttl(Duration.ofMillis(1))
                .grace(Duration.ofHours(1))
                .build()) {
      return cache.get(id).orElseThrow();
    }
  }

  @Test
  void update_redisGoneAfterTheCommit_isAnswered503() throws Exception {
    RestartableServer redis = NodeServers.startRedis();
    HostAndPort address = NodeServers.address(redis);
    // It waits for all of this in the end, and is the statement's limit until then.
    Duration deadline = Duration.ofSeconds(15);
    try (HttpNode other = HttpNode.start(withRedis(LockChoice.LOCAL, address, deadline));
        Connection holder = servers.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("select 1 from product where id = 22 for update");
      CompletableFuture<Answer> update =
          new HttpCaller(other.url())
              .putLater("/products/22", "{\"name\":\"committed\",\"price\":1,\"stock\":0}");
      await().atMost(LIMIT).until(servers::aStatementWaitsForALock);
      redis.stop();
      holder.rollback();

      update.get().assertAway();
      update.get().assertError(503, "the database is up to date, but Redis did not answer");
    } finally {
      redis.stop();
    }
    assertThat(servers.nameOf(22)).isEqualTo("committed");
  }

  @Test
  void read_longerThanTheDeadline_isAnswered503() throws Exception {
    try (HttpNode other =
        HttpNode.start(withRedis(LockChoice.ZOOKEEPER, servers.redisAddress(), SHORT))) {
      new HttpCaller(other.url()).get(LOCK + "19?dbLatency=1m").assertAway();
    }
  }

  private static PrometheusText metrics(HttpCaller http) throws Exception {
    return PrometheusText.parse(http.getText("/metrics").body());
  }

  private static NodeOptions withoutZooKeeper(FallbackPolicy policy, Duration deadline) {
    return NodeServers.options(
        LockChoice.ZOOKEEPER,
        policy,
        deadline,
        NOBODY.toString(),
        servers.redisAddress(),
        servers.jdbcUrl());
  }

  private static NodeOptions withRedis(LockChoice lock, HostAndPort redis, Duration deadline) {
    return NodeServers.options(
        lock, FallbackPolicy.FAIL, deadline, servers.zookeeperAddress(), redis, servers.jdbcUrl());
  }
}
