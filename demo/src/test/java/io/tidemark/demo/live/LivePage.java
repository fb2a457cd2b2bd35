package io.tidemark.demo.live;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.demo.Program;
import io.tidemark.demo.node.HttpCaller;
import io.tidemark.demo.node.HttpCaller.Answer;
import io.tidemark.servers.PostgresProgram;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/** The live page's service in a process of its own, as its page uses it. */
final class LivePage {
  private final Program serve;
  private final String url;
  private final HttpCaller http;

  private LivePage(Program serve, String url) {
    this.serve = serve;
    this.url = url;
    this.http = new HttpCaller(url);
  }

  static LivePage start(Path folder, int nodes) throws Exception {
    return ready(Program.start(folder, arguments(nodes)));
  }

  /** Starts it with classes and resources that take the place of its own. */
  static LivePage startWith(Path replacements, Path folder, int nodes) throws Exception {
    return ready(Program.startWith(replacements, folder, arguments(nodes)));
  }

  private static String[] arguments(int nodes) {
    return new String[] {"serve", "--nodes", Integer.toString(nodes), "--http-port", "0"};
  }

  private static LivePage ready(Program serve) throws Exception {
    String ready = serve.readTo("ready ").stream().reduce((first, last) -> last).orElseThrow();
    return new LivePage(serve, ready.split(" ", -1)[1]);
  }

  String url() {
    return url;
  }

  HttpCaller http() {
    return http;
  }

  /** Does something that is answered without a body. */
  void post(String path) throws Exception {
    Answer answer = http.post(path);
    assertThat(answer.status()).as("%s: %s", path, answer.response().body()).isEqualTo(204);
  }

  /** Asks for so much load of the usual kind. */
  void load(int readsPerSecond, int writesPerSecond) throws Exception {
    post(
        "/live/load?readsPerSecond=%d&writesPerSecond=%d&databaseLatencyMillis=100"
            .formatted(readsPerSecond, writesPerSecond));
  }

  /**
   * Ends the load, and waits until no call fails: connections to a server that was away do once.
   */
  void calm() throws Exception {
    load(0, 0);
    await().until(() -> isWell(http.post("/live/stampede?mode=both").body()));
  }

  private static boolean isWell(JsonNode stampedes) {
    return stampedes.size() == 2
        && stampedes.path(0).path("failed").asInt(1) == 0
        && stampedes.path(1).path("failed").asInt(1) == 0;
  }

  JsonNode state() throws Exception {
    return http.get("/live/state").body();
  }

  /** The processes that the service has started itself. */
  Set<ProcessHandle> processes() {
    return serve.children();
  }

  List<String> nodeStates() throws Exception {
    return StreamSupport.stream(state().get("nodes").spliterator(), false)
        .map(node -> node.get("state").textValue())
        .toList();
  }

  String serverState(String name) throws Exception {
    return StreamSupport.stream(state().get("servers").spliterator(), false)
        .filter(server -> server.get("name").textValue().equals(name))
        .map(server -> server.get("state").textValue())
        .findFirst()
        .orElseThrow();
  }

  /** What has been counted of a lane. */
  JsonNode totals(String lane) throws Exception {
    return http.get("/live/totals").body().get("lanes").get(lane);
  }

  /** How many answers of a lane the judge found wrong. */
  long wrong(String lane) throws Exception {
    JsonNode totals = totals(lane);
    return totals.get("old").longValue() + totals.get("back").longValue();
  }

  /** Plays an act to its end, and gives its view. */
  JsonNode play(String act, long seed) throws Exception {
    JsonNode view;
    do {
      post("/live/acts/%s/next?seed=%d".formatted(act, seed));
      view = state().get("act");
    } while (view.get("outcome").isNull());
    assertThat(view.get("taken").intValue()).isEqualTo(view.get("steps").size());
    return view;
  }

  /** What a sequence of the database has counted. */
  long reads(String sequence) throws Exception {
    return Long.parseLong(
        query("select case when is_called then last_value else 0 end from " + sequence));
  }

  /** The price that the database has. */
  BigDecimal price(String table, long product) throws Exception {
    return new BigDecimal(query("select price from %s where id = %d".formatted(table, product)));
  }

  private String query(String sql) throws Exception {
    int port = Integer.parseInt(address("postgres").replaceFirst(".*:", ""));
    try (Connection connection = DriverManager.getConnection(PostgresProgram.jdbcUrl(port));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  /** A client of Redis. */
  RedisClient redis() throws Exception {
    return RedisClient.builder().hostAndPort(HostAndPort.from(address("redis"))).build();
  }

  private String address(String server) throws Exception {
    for (JsonNode each : state().get("servers")) {
      if (each.get("name").textValue().equals(server)) {
        return each.get("address").textValue();
      }
    }
    throw new AssertionError(server);
  }

  /** Ends it, and asserts that it had not ended by itself, and leaves nothing behind. */
  void stop() throws Exception {
    try {
      serve.terminate();
      assertThat(serve.awaitExit()).as(serve.errors()).isEqualTo(Program.SIGTERM_EXIT);
      serve.assertNothingLeft();
    } finally {
      serve.close();
    }
  }
}
