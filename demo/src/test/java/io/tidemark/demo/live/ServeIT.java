package io.tidemark.demo.live;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.demo.node.HttpCaller;
import io.tidemark.demo.node.HttpCaller.Answer;
import io.tidemark.processes.Signals;
import io.tidemark.testkit.Awaiting;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The live page's service, over HTTP: real servers, real nodes, real faults. */
@Timeout(600)
final class ServeIT {
  private static final int NODES = 3;
  private static final int CALLERS = NODES * Stampedes.CALLERS;
  private static final Pattern CURL =
      Pattern.compile("curl (?:-X (?<method>[A-Z]+) )?http://localhost:3000(?<path>\\S+)");

  private static LivePage page;
  private static HttpCaller http;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    page = LivePage.start(folder, NODES);
    http = page.http();
  }

  @AfterAll
  static void stop() throws Exception {
    page.stop();
  }

  /** No load, unless a test asks for it. */
  @BeforeEach
  void calm() throws Exception {
    page.calm();
  }

  @Test
  void firstSeed_itsExamples_answerAsShown() throws Exception {
    call("curl -X DELETE http://localhost:3000/cache-strategies/clear");

    JsonNode first = call("curl http://localhost:3000/cache-strategies/distributed-lock/1");
    assertThat(fields(first)).startsWith("product", "source", "latency", "lockAcquired", "retries");
    JsonNode product = first.get("product");
    assertThat(fields(product)).containsExactly("id", "name", "price", "stock", "updatedAt");
    assertThat(product.get("id").longValue()).isEqualTo(1);
    assertThat(product.get("name").textValue()).isEqualTo("Laptop");
    assertThat(product.get("price").doubleValue()).isEqualTo(999.99);
    assertThat(product.get("stock").intValue()).isEqualTo(10);
    assertThat(product.get("updatedAt").textValue()).matches("20\\d\\d-\\d\\d-\\d\\dT.*Z");
    assertThat(first.get("source").textValue()).isEqualTo("database (lock holder)");
    assertThat(first.get("latency").doubleValue()).isPositive();
    assertThat(first.get("lockAcquired").booleanValue()).isTrue();
    assertThat(first.get("retries").intValue()).isZero();

    JsonNode second = call("curl http://localhost:3000/cache-strategies/distributed-lock/1");
    assertThat(second.get("product")).isEqualTo(product);
    assertThat(second.get("source").textValue()).isEqualTo("cache");
    assertThat(second.get("lockAcquired").booleanValue()).isFalse();
    assertThat(second.get("retries").intValue()).isZero();
  }

  @Test
  void firstSeed_itsStampede_countsAsShown() throws Exception {
    JsonNode unprotected =
        call("curl -X POST http://localhost:3000/cache-strategies/distributed-lock/2/stampede");
    assertThat(fields(unprotected))
        .startsWith("totalRequests", "dbReads", "cacheHits", "avgLatency");
    assertThat(unprotected.get("totalRequests").intValue()).isEqualTo(10);
    assertThat(unprotected.get("dbReads").intValue()).isEqualTo(10);
    assertThat(unprotected.get("cacheHits").intValue()).isZero();
    assertThat(unprotected.get("avgLatency").doubleValue()).isPositive();

    call("curl -X DELETE http://localhost:3000/cache-strategies/clear");
    long readsBefore = page.reads("product_reads");
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      answers.add(http.getLater("/cache-strategies/distributed-lock/1"));
    }
    for (CompletableFuture<Answer> answer : answers) {
      assertThat(answer.get().body().get("product").get("name").textValue()).isEqualTo("Laptop");
    }
    assertThat(page.reads("product_reads") - readsBefore).isEqualTo(1);
  }

  @Test
  void stampede_bothWays_readsForEachCallerAndOnce() throws Exception {
    JsonNode views = http.post("/live/stampede?mode=both").body();

    assertThat(views).hasSize(2);
    assertThat(views.get(0).get("lane").textValue()).isEqualTo("unprotected");
    assertThat(views.get(0).get("databaseReads").intValue()).isEqualTo(CALLERS);
    assertThat(views.get(1).get("lane").textValue()).isEqualTo("protected");
    assertThat(views.get(1).get("databaseReads").intValue()).isEqualTo(1);
    for (JsonNode view : views) {
      assertThat(view.get("callers").intValue()).isEqualTo(CALLERS);
      assertThat(view.get("failed").intValue()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "late-write, lock-and-set, true",
    "late-write, compare-newer, false",
    "eviction, lock-and-set, true",
    "eviction, compare-newer, true"
  })
  void act_stepByStep_showsTheRivalsFaultAndNoneOfTidemark(
      String act, String rival, boolean isWrong) throws Exception {
    page.post("/live/rival?name=" + rival);
    long wrongBefore = page.wrong("tidemark");

    JsonNode view = page.play(act, 17);

    assertThat(view.get("seed").longValue()).isEqualTo(17);
    JsonNode outcome = view.get("outcome");
    assertThat(outcome.get("tidemark").get("wrong").intValue()).isZero();
    assertThat(outcome.get("tidemark").get("text").textValue())
        .isEqualTo("All %d reads got 200.00: the late write did no harm.".formatted(NODES));
    assertThat(outcome.get("rival").get("wrong").intValue()).isEqualTo(isWrong ? NODES : 0);
    assertThat(outcome.get("rival").get("text").textValue())
        .contains(isWrong ? "that the database no longer has" : "did no harm");
    assertThat(view.get("disturbances")).isEmpty();
    await().untilAsserted(() -> assertThat(page.wrong("rival")).isEqualTo(isWrong ? NODES : 0));
    assertThat(page.wrong("tidemark")).isEqualTo(wrongBefore).isZero();
    assertThat(page.nodeStates()).containsOnly("running");
  }

  @Test
  void act_seed_choosesTheSameNodesAndProduct() throws Exception {
    assertThat(page.play("late-write", 4).get("steps"))
        .isEqualTo(page.play("late-write", 4).get("steps"));
    assertThat(page.play("late-write", 4).get("steps"))
        .isNotEqualTo(page.play("late-write", 5).get("steps"));
  }

  @Test
  void act_endedEarly_letsEverythingGoOn() throws Exception {
    page.post("/live/acts/late-write/next?seed=1");
    page.post("/live/acts/late-write/next");
    assertThat(page.nodeStates()).containsOnlyOnce("paused");
    http.post("/live/acts/eviction/next")
        .assertError(409, "another act is under way; end it first");
    http.post("/live/acts/late-write/next?step=2")
        .assertError(409, "step is 2; it must be 3, which is the next one");

    page.post("/live/acts/end");

    assertThat(page.nodeStates()).containsOnly("running");
    assertThat(page.state().get("act").isNull()).isTrue();
  }

  /** The node that has to answer is stopped, so that the first step cannot end by itself. */
  @Test
  void act_endedWithinAStep_endsAtOnceAndAnotherCanBegin() throws Exception {
    page.post("/live/acts/late-write/next?seed=1");
    int node = sleeperOf(page.state().get("act"));
    page.post("/live/acts/end");
    long pid = page.state().get("nodes").get(node - 1).get("pid").longValue();
    assertThat(Signals.send("STOP", pid)).isEmpty();

    CompletableFuture<Answer> step = http.postLater("/live/acts/late-write/next?seed=1");
    await().until(() -> page.state().get("act").path("stepping").booleanValue());
    http.post("/live/acts/late-write/next")
        .assertError(409, "a step is being taken; wait until it is done");
    page.post("/live/nodes/%d/pause".formatted(node));
    page.post("/live/acts/end");

    assertThat(step).succeedsWithin(Awaiting.LIMIT);
    step.get().assertError(409, "the act was ended before its step was done");
    assertThat(page.state().get("act").isNull()).isTrue();
    assertThat(page.nodeStates()).containsOnly("running");
    JsonNode outcome = page.play("eviction", 1).get("outcome");
    assertThat(outcome.get("tidemark").get("wrong").intValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "/live/redis/flush, Redis has lost everything.",
    "/cache-strategies/warm?from=1&count=1, POST /cache-strategies/warm?from=1&count=1 was sent.",
    "/live/products/31/evict,",
    "/products/31/invalidate,",
    "/live/rival?name=ttl-only,",
    "/live/stampede?mode=protected,"
  })
  void act_disturbedByAVisitor_saysSo(String path, @Nullable String disturbance) throws Exception {
    page.post("/live/acts/late-write/next?seed=4");
    assertThat(page.state().get("act").get("steps").toString()).doesNotContain("product 31");

    for (int twice = 0; twice < 2; twice++) {
      assertThat(http.post(path).status()).isBetween(200, 204);
    }

    assertThat(page.state().get("act").get("disturbances"))
        .extracting(JsonNode::textValue)
        .isEqualTo(disturbance == null ? List.of() : List.of(disturbance));
    page.post("/live/acts/end");
    page.post("/live/rival?name=lock-and-set");
  }

  /** The old price comes last to the rival, and is replaced before anybody reads. */
  @Test
  void act_priceIsChangedBeforeTheReads_noneIsWrong() throws Exception {
    page.post("/live/rival?name=lock-and-set");
    JsonNode view = playToTheLastStep(4);
    long product = productOf(view);

    page.post("/live/products/%d/change".formatted(product));
    page.post("/live/acts/late-write/next");

    JsonNode act = page.state().get("act");
    assertThat(act.get("disturbances"))
        .extracting(JsonNode::textValue)
        .containsExactly("Product %d was given another price.".formatted(product));
    for (String lane : List.of("tidemark", "rival")) {
      JsonNode outcome = act.get("outcome").get(lane);
      assertThat(outcome.get("wrong").intValue()).isZero();
      assertThat(outcome.get("text").textValue())
          .isEqualTo(
              "No read got a price that the database no longer has, but not all got 200.00.");
    }
  }

  @Test
  void act_anotherRivalIsChosenWithin_playsOnWithThatOfItsBegin() throws Exception {
    page.post("/live/rival?name=lock-and-set");
    playToTheLastStep(4);

    page.post("/live/rival?name=compare-newer");
    page.post("/live/acts/late-write/next");

    JsonNode outcome = page.state().get("act").get("outcome").get("rival");
    assertThat(outcome.get("title").textValue()).isEqualTo("Lock and SET");
    assertThat(outcome.get("wrong").intValue()).isEqualTo(NODES);
    page.post("/live/rival?name=lock-and-set");
  }

  @Test
  void act_stepFails_isOverAndSaysWhy() throws Exception {
    page.post("/live/acts/late-write/next?seed=4");
    int sleeper = sleeperOf(page.state().get("act"));
    page.post("/live/nodes/%d/kill".formatted(sleeper));
    String failure = "node %d is stopped; it must be running".formatted(sleeper);

    http.post("/live/acts/late-write/next").assertError(409, failure);

    JsonNode act = page.state().get("act");
    assertThat(act.get("failure").textValue()).isEqualTo(failure);
    assertThat(act.get("taken").intValue()).isEqualTo(1);
    page.post("/live/nodes/%d/start".formatted(sleeper));
    assertThat(page.play("late-write", 4).get("failure").isNull()).isTrue();
  }

  @Test
  void act_nodeIsKilledByAStrangerJustBeforeAStep_saysSo() throws Exception {
    page.post("/live/acts/late-write/next?seed=4");
    int sleeper = sleeperOf(page.state().get("act"));
    kill(sleeper);

    http.post("/live/acts/late-write/next")
        .assertError(409, "node %d is stopped; it must be running".formatted(sleeper));

    assertThat(page.state().get("act").get("disturbances"))
        .extracting(JsonNode::textValue)
        .containsExactly("Somebody else has ended the process of node %d.".formatted(sleeper));
    page.post("/live/nodes/%d/start".formatted(sleeper));
  }

  /** As from a terminal; returns when the process is gone. */
  private static void kill(int node) throws Exception {
    long pid = page.state().get("nodes").get(node - 1).get("pid").longValue();
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    process.onExit().get();
  }

  /** Gives how the act is then. */
  private static JsonNode playToTheLastStep(long seed) throws Exception {
    JsonNode act;
    do {
      page.post("/live/acts/late-write/next?seed=" + seed);
      act = page.state().get("act");
    } while (act.get("taken").intValue() < act.get("steps").size() - 1);
    return act;
  }

  private static int sleeperOf(JsonNode act) {
    return Integer.parseInt(act.get("steps").get(0).get("title").textValue().replaceAll("\\D", ""));
  }

  private static long productOf(JsonNode act) {
    return Long.parseLong(
        act.get("steps").toString().replaceFirst("(?s).*?product (\\d+).*", "$1"));
  }

  @Test
  void act_itsOwnProductIsEvicted_saysSo() throws Exception {
    page.post("/live/acts/late-write/next?seed=4");
    long product = productOf(page.state().get("act"));

    page.post("/live/products/%d/evict".formatted(product));
    page.post("/products/%d/invalidate".formatted(product));

    assertThat(page.state().get("act").get("disturbances"))
        .extracting(JsonNode::textValue)
        .containsExactly(
            "Redis has lost product %d.".formatted(product),
            "POST /products/%d/invalidate was sent.".formatted(product));
    page.post("/live/acts/end");
  }

  @Test
  void load_withARivalThatOnlyExpires_countsItsWrongAnswersAndNoneOfTidemark() throws Exception {
    page.post("/live/rival?name=ttl-only");
    page.load(100, 10);

    await().until(() -> page.wrong("rival") > 10);

    assertThat(page.wrong("tidemark")).isZero();
    assertThat(page.totals("tidemark").get("writes").longValue()).isPositive();
    assertThat(page.totals("tidemark").get("databaseReads").longValue()).isPositive();
  }

  @Test
  void rival_chosenAgainAndAnother_keepsItsCountsAndBeginsAnew() throws Exception {
    page.post("/live/rival?name=ttl-only");
    page.load(100, 10);
    await().until(() -> page.totals("rival").path("databaseReads").asLong() > 0);
    page.calm();
    long counted = page.totals("rival").get("reads").longValue();

    page.post("/live/rival?name=ttl-only");
    assertThat(page.totals("rival").get("reads").longValue()).isGreaterThanOrEqualTo(counted);

    page.post("/live/rival?name=lock-and-set");
    await().until(() -> page.totals("rival").path("databaseReads").asLong(-1) == 0);
    assertThat(page.totals("rival").get("reads").longValue()).isZero();
  }

  @Test
  void node_isPausedResumedKilledStartedAndExpired_isShownSo() throws Exception {
    page.post("/live/nodes/2/pause");
    assertThat(page.nodeStates()).containsExactly("running", "paused", "running");
    http.post("/live/nodes/2/pause").assertError(409, "node 2 is paused; it must be running");
    page.post("/live/nodes/2/resume");
    page.post("/live/nodes/2/expire");
    page.post("/live/nodes/2/kill");
    assertThat(page.nodeStates()).containsExactly("running", "stopped", "running");
    http.post("/live/nodes/2/kill")
        .assertError(409, "node 2 is stopped; it must be running or paused");
    page.post("/live/nodes/2/start");
    assertThat(page.nodeStates()).containsOnly("running");
    assertThat(http.post("/live/stampede?mode=protected").body().get(0).get("failed").intValue())
        .isZero();
  }

  /**
   * The process is stopped before it serves, unless it was too fast, so that the start cannot end.
   */
  @Test
  void node_isStarting_othersCanBePausedMeanwhile() throws Exception {
    page.post("/live/nodes/2/kill");
    Set<ProcessHandle> before = page.processes();
    CompletableFuture<Answer> start = http.postLater("/live/nodes/2/start");
    ProcessHandle started = processBeside(before);
    assertThat(Signals.send("STOP", started.pid())).isEmpty();

    page.post("/live/nodes/1/pause");
    page.post("/live/nodes/1/resume");

    assertThat(Signals.send("CONT", started.pid())).isEmpty();
    assertThat(start).succeedsWithin(Awaiting.LIMIT);
    assertThat(start.get().status()).isEqualTo(204);
    assertThat(page.nodeStates()).containsOnly("running");
  }

  @Test
  void node_killedByAStrangerWhileItStarts_isShownAsStoppedAndCanBeStarted() throws Exception {
    page.post("/live/nodes/2/kill");
    Set<ProcessHandle> before = page.processes();
    CompletableFuture<Answer> start = http.postLater("/live/nodes/2/start");
    ProcessHandle started = processBeside(before);
    started.destroyForcibly();

    assertThat(start).succeedsWithin(Awaiting.LIMIT);
    start.get().assertError(503, "node 2 (pid %d) ended before it".formatted(started.pid()));
    assertThat(page.nodeStates()).containsExactly("running", "stopped", "running");
    page.post("/live/nodes/2/start");
    assertThat(page.nodeStates()).containsOnly("running");
    // By a new connection, which one that is ending would not take.
    assertThat(raw("GET /live/state", "Host: localhost")).startsWith("HTTP/1.1 200 ");
  }

  private static ProcessHandle processBeside(Set<ProcessHandle> others) {
    return await()
        .until(
            () -> page.processes().stream().filter(its -> !others.contains(its)).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void node_killedByAStranger_isShownAsStoppedAndCanBeStarted() throws Exception {
    kill(1);

    await().until(() -> page.nodeStates().get(0).equals("stopped"));
    page.post("/live/nodes/1/start");

    assertThat(page.nodeStates()).containsOnly("running");
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis", "zookeeper", "postgres"})
  void server_isStoppedAndStarted_servesAgain(String name) throws Exception {
    page.post("/live/servers/%s/stop".formatted(name));
    assertThat(page.serverState(name)).isEqualTo("stopped");
    http.post("/live/servers/%s/stop".formatted(name)).assertError(409, "already stopped");
    page.post("/live/servers/%s/start".formatted(name));
    assertThat(page.serverState(name)).isEqualTo("running");

    page.calm();
    assertThat(page.wrong("tidemark")).isZero();
  }

  @Test
  void product_isChangedAndEvicted_showsInItsSlot() throws Exception {
    page.post("/live/products/21/change");
    JsonNode changed = http.get("/products/21/slot").body();
    assertThat(changed.get("state").textValue()).isEqualTo("VALUE");
    page.post("/live/products/21/evict");
    assertThat(http.get("/products/21/slot").body().get("state").textValue()).isEqualTo("EMPTY");
    page.post("/live/products/21/change");
    page.post("/live/redis/flush");
    assertThat(http.get("/products/21/slot").body().get("state").textValue()).isEqualTo("EMPTY");
    assertThat(http.getText("/live/products/21/explain").body()).contains("products:21");
  }

  @ParameterizedTest
  @CsvSource({
    "/live/nodes/4/pause, 404, node is 4; it must be 1 to 3",
    "/live/nodes/0/pause, 404, node is 0; it must be 1 to 3",
    "/live/nodes/x/pause, 400, node is 'x'",
    "/live/nodes/1/stop, 400, action is 'stop'",
    "/live/servers/mysql/stop, 400, server is 'mysql'",
    "/live/acts/none/next, 400, act is 'none'",
    "/live/rival?name=none, 400, name is 'none'",
    "/live/rival, 400, name is missing",
    "/live/acts/eviction/next?seed=2147483648, 400, seed is '2147483648'",
    "/live/load?readsPerSecond=1001, 400, readsPerSecond is '1001'",
    "/live/products/101/change, 400, id is '101'",
    "/live/stampede?mode=none, 400, mode is 'none'",
    "/live/stampede?readers=16, 400, readers is given; the parameters can be mode",
    "/live/redis/flush?now, 400, now is given; there must be no parameter"
  })
  void request_thatIsWrong_isRefusedWithTheFieldAndTheRule(String path, int status, String error)
      throws Exception {
    http.post(path).assertError(status, error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /live/state", "GET /", "POST /live/redis/flush"})
  void request_ofAnotherHost_isRefused(String request) throws Exception {
    assertThat(raw(request, "Host: evil.example")).startsWith("HTTP/1.1 403 ");
    assertThat(raw(request, "Host: 10.0.0.1:80\r\nOrigin: http://evil.example"))
        .startsWith("HTTP/1.1 403 ");
  }

  @ParameterizedTest
  @CsvSource({
    "GET /live/state, cross-site, no-cors, 403",
    "GET /cache-strategies/distributed-lock/1, same-site, no-cors, 403",
    "GET /live/events, cross-site, navigate, 403",
    "GET /live/state, same-origin, cors, 200",
    "GET /live/state, none, navigate, 200"
  })
  void request_thatAnotherSiteFetches_isRefused(
      String request, String site, String mode, int status) throws Exception {
    String headers = "Host: localhost\r\nSec-Fetch-Site: %s\r\nSec-Fetch-Mode: %s";

    assertThat(raw(request, headers.formatted(site, mode))).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void page_thatAnotherSiteLinksTo_isNotRefused() throws Exception {
    String headers = "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate";

    assertThat(raw("GET /", headers)).doesNotStartWith("HTTP/1.1 403 ");
  }

  @Test
  void request_thatWouldDisturbThePage_isRefused() throws Exception {
    http.get("/cache-strategies/distributed-lock/31?hold=mine").assertError(400, "hold is given");
    http.delete("/products/22").assertError(400, "id is '22'");
    assertThat(http.delete("/products/20").status()).isEqualTo(204);
  }

  @Test
  void redis_wasAway_isUsedAgainAtOnce() throws Exception {
    page.post("/live/products/30/evict");
    page.post("/live/servers/redis/stop");
    http.post("/live/acts/late-write/next?seed=1").assertError(409, "redis is stopped");
    page.post("/live/servers/redis/start");

    page.post("/live/products/30/evict");
  }

  @Test
  void events_areTold_fromTheStateOn() throws Exception {
    page.load(100, 10);

    String told =
        eventsTo(
            Stream.of("state", "calls", "work", "totals", "slot")
                .map(name -> "event: " + name + "\n")
                .toList());

    assertThat(told)
        .startsWith("HTTP/1.1 200 ")
        .containsIgnoringCase("content-type: text/event-stream");
    assertThat(told.indexOf("event: ")).isEqualTo(told.indexOf("event: state"));
  }

  @Test
  void events_slotThatNoNodeCanTell_isUnknown() throws Exception {
    page.post("/live/servers/redis/stop");

    eventsTo(
        List.of(
            "\"state\":\"UNKNOWN\",\"version\":null,\"fence\":null,\"floor\":null,"
                + "\"ttlMillis\":null,\"payload\":null"));

    page.post("/live/servers/redis/start");
  }

  /** What a page is told until all of that is in it. */
  private static String eventsTo(List<String> wanted) throws IOException {
    try (Socket socket = connected()) {
      socket
          .getOutputStream()
          .write(
              "GET /live/events?product=22 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      String told = "";
      InputStream in = socket.getInputStream();
      while (!wanted.stream().allMatch(told::contains)) {
        byte[] buffer = new byte[8_192];
        int read = in.read(buffer);
        assertThat(read).as("the stream goes on").isPositive();
        told += new String(buffer, 0, read, StandardCharsets.UTF_8);
      }
      return told;
    }
  }

  private static JsonNode call(String curl) throws Exception {
    Matcher command = CURL.matcher(curl);
    assertThat(command.matches()).as(curl).isTrue();
    String method = command.group("method") == null ? "GET" : command.group("method");
    String path = command.group("path");
    Answer answer =
        switch (method) {
          case "GET" -> http.get(path);
          case "POST" -> http.post(path);
          case "DELETE" -> http.delete(path);
          default -> throw new AssertionError(curl);
        };
    assertThat(answer.status()).as(curl).isBetween(200, 204);
    return answer.body();
  }

  private static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Socket connected() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), URI.create(page.url()).getPort());
  }

  private static String raw(String methodAndPath, String headers) throws IOException {
    try (Socket socket = connected()) {
      socket
          .getOutputStream()
          .write(
              "%s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n"
                  .formatted(methodAndPath, headers)
                  .getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
