package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.FallbackPolicy;
import io.tidemark.demo.node.HttpCaller.Answer;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import redis.clients.jedis.RedisClient;

/** A node on real servers, and the HTTP table of the demo. */
@Timeout(600)
class NodeIT {
  private static final String LOCK = "/cache-strategies/distributed-lock/";

  /** Longer than this takes only what hangs. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static NodeServers servers;
  private static HttpNode node;
  private static HttpCaller http;

  @BeforeAll
  static void start() throws Exception {
    servers = NodeServers.start();
    node = HttpNode.start(servers.options(LockChoice.ZOOKEEPER, FallbackPolicy.FAIL));
    http = new HttpCaller(node.url());
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    servers.close();
  }

  @BeforeEach
  void clear() throws Exception {
    assertThat(http.delete("/cache-strategies/clear").status()).isEqualTo(204);
  }

  @Test
  void read_coldThenWarm_isLoadedOnce() throws Exception {
    long readsBefore = servers.reads();

    Answer cold = http.get(LOCK + 1);
    Answer warm = http.get(LOCK + 1);

    assertThat(cold.status()).isEqualTo(200);
    JsonNode product = cold.body().path("product");
    assertThat(product.path("id").longValue()).isEqualTo(1);
    assertThat(product.path("name").textValue()).isEqualTo("Laptop");
    assertThat(product.path("price").decimalValue()).isEqualByComparingTo("999.99");
    assertThat(product.path("stock").intValue()).isEqualTo(10);
    assertThat(cold.body().path("source").textValue()).isEqualTo("database (lock holder)");
    assertThat(cold.body().path("lockAcquired").booleanValue()).isTrue();
    assertThat(cold.body().path("latency").doubleValue()).isPositive();
    assertThat(cold.body().path("version").textValue())
        .isEqualTo(Long.toString(micros(product.path("updatedAt").textValue())));
    assertThat(warm.body().path("product")).isEqualTo(product);
    assertThat(warm.body().path("version")).isEqualTo(cold.body().path("version"));
    assertThat(warm.body().path("source").textValue()).isEqualTo("cache");
    assertThat(warm.body().path("lockAcquired").booleanValue()).isFalse();
    assertThat(warm.body().path("retries").intValue()).isZero();
    assertThat(servers.reads()).isEqualTo(readsBefore + 1);
  }

  @Test
  void read_noSuchProduct_isAnswered404WithTheSameFields() throws Exception {
    Answer answer = http.get(LOCK + 424242);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body().path("product").isNull()).isTrue();
    assertThat(answer.body().path("version").isNull()).isTrue();
    assertThat(answer.body().path("source").textValue()).isEqualTo("database (lock holder)");
    assertThat(http.get(LOCK + 424242).body().path("source").textValue()).isEqualTo("cache");
  }

  @Test
  void read_withALatencyOfItsOwn_takesAsLong() throws Exception {
    Answer answer = http.get(LOCK + "2?dbLatency=300ms");

    assertThat(answer.body().path("latency").doubleValue()).isGreaterThanOrEqualTo(300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "0", "-1", "1.5", "9223372036854775808", "%31"})
  void read_badId_isAnswered400(String id) throws Exception {
    assertError(
        http.get(LOCK + id),
        400,
        "id is '" + id + "'; it must be a whole number, 1 to 9223372036854775807");
  }

  @Test
  void read_badLatency_isAnswered400() throws Exception {
    assertError(http.get(LOCK + "1?dbLatency=5"), 400, "dbLatency is '5'; it must be");
    assertError(http.get(LOCK + "1?dbLatency=61s"), 400, "dbLatency is '61s'; it must be 0s to 1m");
  }

  @Test
  void stampede_unprotected_readsTheDatabaseForEach() throws Exception {
    JsonNode report = http.post(LOCK + "3/stampede?dbLatency=300ms").body();

    assertThat(report.path("totalRequests").intValue()).isEqualTo(10);
    assertThat(report.path("dbReads").intValue()).isEqualTo(10);
    assertThat(report.path("cacheHits").intValue()).isZero();
    assertThat(report.path("errors").intValue()).isZero();
    assertThat(report.path("avgLatency").doubleValue()).isGreaterThanOrEqualTo(300);
  }

  @Test
  void stampede_protected_readsTheDatabaseOnce() throws Exception {
    long readsBefore = servers.reads();
    long startedAt = ProductRead.microsNow();

    JsonNode report =
        http.post(LOCK + "4/stampede?mode=protected&requests=200&dbLatency=300ms").body();

    assertThat(report.path("totalRequests").intValue()).isEqualTo(200);
    assertThat(report.path("dbReads").intValue()).isEqualTo(1);
    assertThat(report.path("cacheHits").intValue()).isEqualTo(199);
    assertThat(report.path("errors").intValue()).isZero();
    assertThat(servers.reads()).isEqualTo(readsBefore + 1);
    long loadEndedAt = report.path("loadEndedAtMicros").longValue();
    assertThat(loadEndedAt).isGreaterThanOrEqualTo(startedAt + 300_000);
    assertThat(report.path("lastAnsweredAtMicros").longValue()).isGreaterThanOrEqualTo(loadEndedAt);
  }

  @ParameterizedTest
  @ValueSource(strings = {"protected", "unprotected"})
  void stampede_withoutClearing_findsWhatIsCached(String mode) throws Exception {
    http.post(LOCK + "5/stampede?requests=1&mode=" + mode);

    JsonNode report = http.post(LOCK + "5/stampede?clear=false&mode=" + mode).body();

    assertThat(report.path("dbReads").intValue()).isZero();
    assertThat(report.path("cacheHits").intValue()).isEqualTo(10);
    assertThat(report.path("loadEndedAtMicros").isNull()).isTrue();
    assertThat(report.path("lastAnsweredAtMicros").longValue()).isPositive();
  }

  @Test
  void stampede_bareGets_findWhatIsCached() throws Exception {
    http.post(LOCK + "7/stampede?requests=1&mode=protected");

    JsonNode report = http.post(LOCK + "7/stampede?clear=false&mode=get").body();

    assertThat(report.path("totalRequests").intValue()).isEqualTo(10);
    assertThat(report.path("dbReads").intValue()).isZero();
    assertThat(report.path("errors").intValue()).isZero();
    assertThat(report.path("startedAtMicros").longValue())
        .isBetween(1L, report.path("lastAnsweredAtMicros").longValue());
  }

  @Test
  void stampede_inDetail_tellsOfEachCaller() throws Exception {
    JsonNode report = http.post(LOCK + "8/stampede?requests=3&mode=protected&detail=true").body();

    JsonNode callers = report.path("callers");
    assertThat(callers).hasSize(3);
    assertThat(callers).allMatch(caller -> caller.path("latency").doubleValue() > 0);
    assertThat(callers)
        .extracting(caller -> caller.path("answeredAtMicros").longValue())
        .contains(report.path("lastAnsweredAtMicros").longValue());
    assertThat(callers).noneMatch(caller -> caller.path("failed").booleanValue());
  }

  @Test
  void stampede_withoutDetail_doesNotMentionTheCallers() throws Exception {
    JsonNode report = http.post(LOCK + "8/stampede?requests=3&mode=protected").body();

    assertThat(report.has("callers")).isFalse();
  }

  @Test
  void stampede_ofTheMostCallers_isServed() throws Exception {
    JsonNode report = http.post(LOCK + "6/stampede?mode=protected&requests=1000").body();

    assertThat(report.path("totalRequests").intValue()).isEqualTo(1000);
    assertThat(report.path("errors").intValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "requests=0, requests is '0'; it must be a whole number",
    "requests=1001, requests is '1001'; it must be a whole number",
    "requests=many, requests is 'many'; it must be a whole number",
    "mode=both, mode is 'both'; it must be one of",
    "clear=1, clear is '1'; it must be true or false",
    "clear=true&mode=get, clear is true; with mode=get it must be false",
    "dbLatency=-1s, dbLatency is '-1s'; it must be",
    "detail=1, detail is '1'; it must be true or false",
    "mode=protected&mode=protected, mode is given twice"
  })
  void stampede_badQuery_isAnswered400(String query, String error) throws Exception {
    assertError(http.post(LOCK + "1/stampede?" + query), 400, error);
  }

  @Test
  void warm_loadsWhatIsNotCached() throws Exception {
    assertThat(http.get(LOCK + 3).status()).isEqualTo(200);

    Answer warmed = http.post("/cache-strategies/warm?from=1&count=5&dbLatency=0ms");

    assertThat(warmed.status()).isEqualTo(200);
    assertThat(warmed.body().path("keys").intValue()).isEqualTo(5);
    assertThat(warmed.body().path("found").intValue()).isEqualTo(1);
    assertThat(warmed.body().path("loaded").intValue()).isEqualTo(4);
    assertThat(http.get(LOCK + 5).body().path("source").textValue()).isEqualTo("cache");
  }

  @ParameterizedTest
  @CsvSource({
    "from=0, from is '0'; it must be a whole number",
    "count=10001, count is '10001'; it must be a whole number",
    "loadsPerSecond=0, loadsPerSecond is '0'; it must be a whole number"
  })
  void warm_badQuery_isAnswered400(String query, String error) throws Exception {
    Answer answer = http.post("/cache-strategies/warm?" + query);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("error").textValue()).startsWith(error);
  }

  @Test
  void update_isReadEverywhereAtOnce() throws Exception {
    try (HttpNode other =
        HttpNode.start(servers.options(LockChoice.ZOOKEEPER, FallbackPolicy.FAIL))) {
      HttpCaller otherHttp = new HttpCaller(other.url());
      otherHttp.get(LOCK + 7);

      Answer written = http.put("/products/7", "{\"name\":\"Öl\",\"price\":1.5,\"stock\":0}");
      Answer read = otherHttp.get(LOCK + 7);

      assertThat(written.status()).isEqualTo(200);
      assertThat(written.body().path("product").path("name").textValue()).isEqualTo("Öl");
      assertThat(written.body().path("product").path("price").decimalValue())
          .isEqualByComparingTo("1.5");
      assertThat(read.body().path("product")).isEqualTo(written.body().path("product"));
      assertThat(read.body().path("version")).isEqualTo(written.body().path("version"));
      assertThat(read.body().path("source").textValue()).isEqualTo("cache");
    }
  }

  @Test
  void update_noSuchProduct_isAnswered404() throws Exception {
    assertError(
        http.put("/products/424242", "{\"name\":\"x\",\"price\":1,\"stock\":0}"),
        404,
        "id is 424242; there is no such product");
  }

  @Test
  void update_badBody_isAnswered400() throws Exception {
    assertError(http.put("/products/1", ""), 400, "body ");
    assertError(
        http.put("/products/1", "{\"name\":\"x\",\"price\":1,\"stock\":-1}"),
        400,
        "stock is -1; it must be a whole number");
  }

  @Test
  void update_bodyTooLong_isAnswered413() throws Exception {
    assertError(http.put("/products/1", "x".repeat(64 * 1024 + 1)), 413, "65536 bytes");
  }

  @Test
  void delete_aProduct_isReadEverywhereAtOnce() throws Exception {
    servers.execute("insert into product values (500, 'short-lived', 1, 1)");
    http.get(LOCK + 500);

    assertThat(http.delete("/products/500").status()).isEqualTo(204);

    Answer read = http.get(LOCK + 500);
    assertThat(read.status()).isEqualTo(404);
    assertThat(read.body().path("source").textValue()).isEqualTo("cache");
    assertError(http.delete("/products/500"), 404, "id is 500; there is no such product");
  }

  @Test
  void delete_thenInsertedAgain_isReadAgain() throws Exception {
    servers.execute("insert into product values (501, 'first', 1, 1)");
    http.get(LOCK + 501);
    http.delete("/products/501");
    servers.execute("insert into product values (501, 'second', 1, 1)");
    http.post("/products/501/invalidate");

    Answer read = http.get(LOCK + 501);

    assertThat(read.body().path("product").path("name").textValue()).isEqualTo("second");
    assertThat(http.get(LOCK + 501).body().path("source").textValue()).isEqualTo("cache");
  }

  @Test
  void invalidate_nextReadGoesToTheDatabase() throws Exception {
    http.get(LOCK + 8);
    servers.execute("update product set name = 'changed behind the cache' where id = 8");

    assertThat(http.post("/products/8/invalidate").status()).isEqualTo(204);

    assertThat(http.get(LOCK + 8).body().path("product").path("name").textValue())
        .isEqualTo("changed behind the cache");
  }

  @Test
  void clear_nextReadGoesToTheDatabase() throws Exception {
    http.get(LOCK + 9);

    assertThat(http.delete("/cache-strategies/clear").status()).isEqualTo(204);

    assertThat(http.get("/products/9/slot").body().path("state").textValue()).isEqualTo("EMPTY");
    assertThat(http.get(LOCK + 9).body().path("source").textValue())
        .isEqualTo("database (lock holder)");
  }

  @Test
  void slot_ofAValue_showsWhatRedisHolds() throws Exception {
    JsonNode read = http.get(LOCK + 10).body();

    JsonNode slot = http.get("/products/10/slot").body();

    assertThat(slot.path("state").textValue()).isEqualTo("VALUE");
    assertThat(slot.path("version")).isEqualTo(read.path("version"));
    assertThat(slot.path("payload")).isEqualTo(read.path("product"));
    assertThat(slot.path("ttlMillis").longValue()).isBetween(1L, NodeServers.TTL.toMillis());
    assertThat(slot.path("writer").textValue()).matches("[0-9]+@.+");
    assertThat(Instant.parse(slot.path("writtenAt").textValue())).isBefore(Instant.now());
    assertThat(slot.path("fence").isNull()).isTrue();
    assertThat(slot.path("floor").isNull()).isTrue();
  }

  @Test
  void slot_ofAnAbsence_isAbsent() throws Exception {
    http.get(LOCK + 424243);

    JsonNode slot = http.get("/products/424243/slot").body();

    assertThat(slot.path("state").textValue()).isEqualTo("ABSENT");
    assertThat(slot.path("payload").isNull()).isTrue();
  }

  @Test
  void slot_afterInvalidating_isEmpty() throws Exception {
    http.get(LOCK + 11);
    http.post("/products/11/invalidate");

    JsonNode slot = http.get("/products/11/slot").body();

    assertThat(slot.path("state").textValue()).isEqualTo("EMPTY");
    assertThat(slot.path("floor").isNull()).isTrue();
  }

  @Test
  void slot_whileItIsLoaded_isPendingWithAFence() throws Exception {
    CompletableFuture<Answer> read;
    try (Connection holder = servers.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("lock table product in access exclusive mode");
      read = http.getLater(LOCK + 12);
      await().atMost(LIMIT).until(servers::aStatementWaitsForALock);

      JsonNode slot = http.get("/products/12/slot").body();

      assertThat(slot.path("state").textValue()).isEqualTo("PENDING");
      assertThat(Long.parseLong(slot.path("fence").textValue())).isPositive();
      holder.rollback();
    }
    assertThat(read.get().status()).isEqualTo(200);
  }

  @Test
  void slot_ofForeignBytes_isDamaged() throws Exception {
    try (RedisClient redis = RedisClient.create(servers.redisAddress())) {
      redis.set("tidemark:products:13", "something else");
    }

    assertThat(http.get("/products/13/slot").body().path("state").textValue()).isEqualTo("DAMAGED");
    assertThat(http.get(LOCK + 13).status()).isEqualTo(200);
  }

  @Test
  void explain_aRowThatChangedBehindTheCache_saysSo() throws Exception {
    JsonNode read = http.get(LOCK + 23).body();
    servers.execute("update product set name = 'changed behind the cache' where id = 23");

    HttpResponse<String> answer = http.getText("/products/23/explain");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    assertThat(answer.body())
        .startsWith("products:23\n  It is behind: the source has version ")
        .contains("\n  slot: VALUE version " + read.path("version").textValue() + ", by ")
        .containsPattern("\n  [0-9,]+ ms ago: FILL_STORED\n")
        .doesNotContain("Product 23");
  }

  @Test
  void explain_badId_isAnswered400() throws Exception {
    assertError(http.get("/products/0/explain"), 400, "id is '0'; it must be a whole number");
  }

  @Test
  void metrics_areReadByAPrometheusParser() throws Exception {
    http.get(LOCK + 24);

    HttpResponse<String> answer = http.getText("/metrics");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    PrometheusText metrics = PrometheusText.parse(answer.body());
    assertThat(metrics.families())
        .allSatisfy(family -> assertThat(family.getHelp()).as(family.getName()).isNotBlank());
    assertThat(metrics.families())
        .extracting(MetricFamily::getName)
        .doesNotHaveDuplicates()
        .contains(
            "tidemark_lock_cache_hit_reads_total",
            "tidemark_lock_cache_miss_reads_total",
            "tidemark_lock_acquire_time_seconds",
            "tidemark_lock_acquired_locks_total",
            "tidemark_lock_released_locks_total",
            "tidemark_lock_wait_waits_total",
            "tidemark_lock_total_time_seconds",
            "tidemark_lock_active_waits",
            "tidemark_active_loads",
            "jvm_memory_used_bytes",
            "jvm_threads_live_threads",
            "process_uptime_seconds",
            "process_files_open_files",
            "system_cpu_count");
    assertThat(
            metrics.sample(
                "resilience4j_circuitbreaker_state{name=\"tidemark-store\",state=\"closed\"}"))
        .isEqualTo(1);
  }

  @Test
  void metrics_countWhatThisNodeDid() throws Exception {
    Map<String, Double> moved = new TreeMap<>();
    try (HttpNode other =
        HttpNode.start(servers.options(LockChoice.ZOOKEEPER, FallbackPolicy.FAIL))) {
      HttpCaller otherHttp = new HttpCaller(other.url());
      otherHttp.get(LOCK + 25);
      otherHttp.get(LOCK + 25);
      otherHttp.put("/products/25", "{\"name\":\"x\",\"price\":1,\"stock\":0}");
      otherHttp.post("/products/25/invalidate");
      try (RedisClient redis = RedisClient.create(servers.redisAddress())) {
        redis.set("tidemark:products:25", "something else");
      }
      otherHttp.get(LOCK + 25);

      metrics(otherHttp)
          .samples()
          .forEach(
              (name, value) -> {
                // A lock may still be on its way back: then whoever is next waits.
                if (name.matches("tidemark_(?!lock_wait).*_(total|count)[{].*") && value != 0) {
                  moved.put(name.replaceAll("cache=\"products\",?", "").replace(",}", "}"), value);
                }
              });
    }

    assertThat(moved)
        .isEqualTo(
            Map.ofEntries(
                entry("tidemark_lock_cache_miss_reads_total{}", 2.0),
                entry("tidemark_lock_cache_hit_reads_total{}", 1.0),
                entry("tidemark_lock_total_time_seconds_count{source=\"cache\"}", 1.0),
                entry("tidemark_lock_total_time_seconds_count{source=\"database\"}", 2.0),
                entry("tidemark_lock_acquired_locks_total{}", 3.0),
                entry("tidemark_lock_acquire_time_seconds_count{}", 3.0),
                entry("tidemark_lock_released_locks_total{}", 3.0),
                entry("tidemark_lock_hold_time_seconds_count{}", 3.0),
                entry("tidemark_load_time_seconds_count{outcome=\"loaded\"}", 2.0),
                entry("tidemark_fills_total{answer=\"stored\"}", 2.0),
                entry("tidemark_publishes_total{answer=\"stored\"}", 1.0),
                entry("tidemark_publishes_total{answer=\"dropped\"}", 1.0),
                entry("tidemark_damaged_slots_total{}", 1.0)));
  }

  @Test
  void stats_countWhatThisNodeDid() throws Exception {
    JsonNode before = http.get("/stats").body();
    http.get(LOCK + 14);
    http.get(LOCK + 14);
    JsonNode after = http.get("/stats").body();

    assertThat(difference(before, after, "hits")).isEqualTo(1);
    assertThat(difference(before, after, "misses")).isEqualTo(1);
    assertThat(difference(before, after, "loads")).isEqualTo(1);
    assertThat(difference(before, after, "stored")).isEqualTo(1);
    assertThat(difference(before, after, "lockAcquired")).isEqualTo(1);
    assertThat(after.fieldNames())
        .toIterable()
        .contains("stale", "refused", "behind", "lockWaited", "lockTimedOut", "fallbacks");
  }

  @Test
  void health_everythingRuns_isUp() throws Exception {
    Answer answer = http.get("/health");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().toString())
        .isEqualTo("{\"status\":\"up\",\"zookeeper\":\"up\",\"redis\":\"up\",\"postgres\":\"up\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nothing, 404",
    "POST, /metrics, 405",
    "GET, /products, 404",
    "GET, /products/1, 405",
    "POST, /products/1/slot, 405",
    "POST, /cache-strategies/distributed-lock/1, 405",
    "GET, /cache-strategies/clear, 405",
    "DELETE, /stats, 405"
  })
  void request_unknownPathOrMethod_isAnswered404Or405(String method, String path, int status)
      throws Exception {
    Answer answer =
        switch (method) {
          case "GET" -> http.get(path);
          case "POST" -> http.post(path);
          default -> http.delete(path);
        };

    assertError(answer, status, path.equals("/nothing") ? "/nothing" : "");
  }

  @Test
  void callers_200AtOnce_areAllAnswered() throws Exception {
    CompletableFuture<?>[] answers = new CompletableFuture<?>[200];
    long readsBefore = servers.reads();
    for (int i = 0; i < answers.length; i++) {
      answers[i] =
          http.getLater(LOCK + "15?dbLatency=500ms")
              .thenAccept(answer -> assertThat(answer.status()).isEqualTo(200));
    }

    CompletableFuture.allOf(answers).get();

    assertThat(servers.reads()).isEqualTo(readsBefore + 1);
  }

  @ParameterizedTest
  @EnumSource(value = LockChoice.class, mode = EnumSource.Mode.EXCLUDE, names = "ZOOKEEPER")
  void otherLocks_readAndWrite(LockChoice lock) throws Exception {
    try (HttpNode other = HttpNode.start(servers.options(lock, FallbackPolicy.STALE))) {
      HttpCaller otherHttp = new HttpCaller(other.url());

      assertThat(otherHttp.get(LOCK + 16).body().path("source").textValue())
          .isEqualTo("database (lock holder)");
      assertThat(otherHttp.put("/products/16", "{\"name\":\"x\",\"price\":1,\"stock\":0}").status())
          .isEqualTo(200);
      assertThat(otherHttp.get(LOCK + 16).body().path("source").textValue()).isEqualTo("cache");
      assertThat(otherHttp.get("/health").body().path("zookeeper").textValue()).isEqualTo("unused");
    }
  }

  @Test
  void read_slowLoad_givesTheRowAsItWasBeforeTheLatency() throws Exception {
    long readsBefore = servers.reads();
    CompletableFuture<Answer> read = http.getLater(LOCK + "21?dbLatency=300ms");
    await().atMost(LIMIT).until(() -> servers.reads() > readsBefore);
    servers.execute("update product set name = 'changed meanwhile' where id = 21");

    assertThat(read.get().body().path("product").path("name").textValue()).isEqualTo("Product 21");
  }

  @Test
  void load_withALatency_asksTheDatabaseFirst() throws Exception {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(servers.jdbcUrl());
    SlowSource source = new SlowSource(new Products(database, LIMIT));
    long readsBefore = servers.reads();
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread load =
        new Thread(
            () -> {
              try {
                source.load(new ProductRead(26, Duration.ofDays(1)));
              } catch (SQLException | InterruptedException | TimeoutException e) {
                end.complete(e);
              }
            });
    load.start();

    await().atMost(LIMIT).until(() -> servers.reads() > readsBefore);

    load.interrupt();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }

  private static PrometheusText metrics(HttpCaller http) throws Exception {
    return PrometheusText.parse(http.getText("/metrics").body());
  }

  private static void assertError(Answer answer, int status, String error) {
    answer.assertError(status, error);
  }

  private static long difference(JsonNode before, JsonNode after, String name) {
    return after.path(name).longValue() - before.path(name).longValue();
  }

  private static long micros(String time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
  }
}
