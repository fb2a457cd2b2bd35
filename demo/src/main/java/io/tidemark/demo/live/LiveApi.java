package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.http.Request;
import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import io.tidemark.demo.node.Notation;
import io.tidemark.demo.services.ServerName;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The HTTP table of the live page. Requests for products go to the nodes in turn. Thread-safe. */
final class LiveApi {
  private static final String READ_PATH = "/cache-strategies/distributed-lock/{id}";
  private static final String PRODUCT_PATH = "/products/{id}";
  private static final String READS = "readsPerSecond";
  private static final String WRITES = "writesPerSecond";
  private static final String DATABASE_LATENCY = "databaseLatencyMillis";
  private static final long MOST_PRODUCTS = 100;

  /** The hundreds of the statuses that say that nothing was done. */
  private static final int REFUSED = 4;

  /** The load, the acts and the stampedes have those above. */
  private static final long MOST_DELETED = 20;

  private final LiveStage stage;
  private final AtomicInteger turns = new AtomicInteger();

  LiveApi(LiveStage stage) {
    this.stage = stage;
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>(PageFiles.routes());
    routes.addAll(forwarded());
    routes.addAll(
        List.of(
            new Route("GET", "/live/state", request -> Response.json(200, stage.state())),
            new Route("GET", "/live/totals", request -> Response.json(200, stage.totals())),
            new Route("GET", "/live/events", this::events, "product"),
            new Route("GET", "/live/products/{id}/explain", this::explain),
            new Route("POST", "/live/products/{id}/change", this::change),
            new Route("POST", "/live/products/{id}/evict", this::evict),
            new Route("POST", "/live/stampede", this::stampede, "mode"),
            new Route("POST", "/live/nodes/{node}/{action}", this::node),
            new Route("POST", "/live/servers/{server}/{action}", this::server),
            new Route("POST", "/live/redis/flush", request -> flush()),
            new Route("POST", "/live/load", this::load, READS, WRITES, DATABASE_LATENCY),
            new Route("POST", "/live/rival", this::rival, "name"),
            new Route("POST", "/live/acts/end", request -> endAct()),
            new Route("POST", "/live/acts/{act}/next", this::act, "step", "seed")));
    return List.copyOf(routes);
  }

  /** Requests of a node, without the holds, which belong to the acts. */
  private List<Route> forwarded() {
    return List.of(
        forwarded("GET", READ_PATH, "dbLatency"),
        forwarded(
            "POST", READ_PATH + "/stampede", "requests", "mode", "clear", "detail", "dbLatency"),
        forwarded("DELETE", "/cache-strategies/clear"),
        forwarded("POST", "/cache-strategies/warm", "from", "count", "loadsPerSecond", "dbLatency"),
        forwarded("PUT", PRODUCT_PATH),
        new Route("DELETE", PRODUCT_PATH, this::delete),
        forwarded("POST", PRODUCT_PATH + "/invalidate"),
        forwarded("GET", PRODUCT_PATH + "/slot"),
        forwarded("GET", PRODUCT_PATH + "/explain"));
  }

  private Route forwarded(String method, String path, String... parameters) {
    return new Route(
        method,
        path,
        request -> {
          Response answer = forward(method, request.target(), request.body());
          if (!method.equals("GET") && answer.status() / 100 != REFUSED) {
            disturb(path, request, "%s %s was sent.".formatted(method, request.target()));
          }
          return answer;
        },
        parameters);
  }

  private void disturb(String path, Request request, String text) {
    if (path.contains("{id}")) {
      stage.acts().disturb(request.path("id", Long::valueOf), text);
    } else {
      stage.acts().disturb(text);
    }
  }

  /** The rows that the page plays with have to stay. */
  private Response delete(Request request) throws Exception {
    long unused = request.path("id", text -> Notation.wholeNumber(text, 1, MOST_DELETED));
    return forward("DELETE", request.target(), request.body());
  }

  /** A balancer's work: each request goes to the next node that runs. */
  private Response forward(String method, String target, byte[] body) throws Exception {
    List<LiveNode> running = stage.fleet().running();
    if (running.isEmpty()) {
      throw new RefusedRequestException(503, "no node is running");
    }
    LiveNode node = running.get(Math.floorMod(turns.getAndIncrement(), running.size()));
    HttpResponse<byte[]> answer =
        NodeClient.await(LiveFleet.client(node).forward(method, target, body));
    if (answer.body().length == 0) {
      return new Response(answer.statusCode(), Optional.empty(), Map.of());
    }
    Response response =
        Response.bytes(
            answer.statusCode(),
            answer.headers().firstValue("Content-Type").orElse("application/json"),
            answer.body());
    return answer
        .headers()
        .firstValue("Retry-After")
        .map(seconds -> response.withHeader("Retry-After", seconds))
        .orElse(response);
  }

  private Response events(Request request) {
    long product =
        request
            .query("product", text -> Notation.wholeNumber(text, 1, MOST_PRODUCTS))
            .orElse(Load.PRODUCTS.get(0));
    return stage.hub().open(product);
  }

  private Response explain(Request request) throws Exception {
    return forward("GET", "/products/%d/explain".formatted(product(request)), new byte[0]);
  }

  private Response change(Request request) throws Exception {
    long product = product(request);
    LiveNode node =
        stage.fleet().running().stream()
            .findFirst()
            .orElseThrow(() -> new RefusedRequestException(409, "no node is running"));
    String text = "Product %d was given another price.".formatted(product);
    // Before: it may succeed on one lane only.
    stage.acts().disturb(product, text);
    Void unused = NodeClient.await(stage.load().change(node, product));
    return done(text);
  }

  private Response evict(Request request) {
    long product = product(request);
    for (Lane lane : Lane.values()) {
      stage.fleet().redis().del(stage.caller().contender(lane).cache().redisKey(product));
    }
    String text = "Redis has lost product %d.".formatted(product);
    stage.acts().disturb(product, text);
    return done(text);
  }

  private Response flush() {
    stage.fleet().redis().flushAll();
    return disturbed("Redis has lost everything.");
  }

  private Response stampede(Request request) throws Exception {
    Stampedes.Mode mode =
        request
            .query("mode", text -> Notation.word(Stampedes.Mode.class, text))
            .orElse(Stampedes.Mode.BOTH);
    List<Events.StampedeView> views = stage.stampedes().run(mode);
    for (Events.StampedeView view : views) {
      stage.tellAction(
          "%d callers asked for product %d at once, which was not cached, %s: database reads: %d."
              .formatted(view.callers(), view.product(), view.lane(), view.databaseReads()));
    }
    return Response.json(200, views);
  }

  /** What can be done to a node. */
  private enum NodeAction {
    PAUSE,
    RESUME,
    KILL,
    START,
    EXPIRE
  }

  private Response node(Request request) throws Exception {
    int number =
        request.path("node", text -> Notation.wholeNumber(text, 0, Integer.MAX_VALUE)).intValue();
    NodeAction action = request.path("action", text -> Notation.word(NodeAction.class, text));
    LiveFleet fleet = stage.fleet();
    switch (action) {
      case PAUSE -> fleet.pause(number);
      case RESUME -> fleet.resume(number);
      case KILL -> fleet.kill(number);
      case START -> fleet.start(number);
      case EXPIRE -> fleet.expire(number);
    }
    String text =
        switch (action) {
          case PAUSE -> "Node %d was stopped where it stood (SIGSTOP).";
          case RESUME -> "Node %d was let go on (SIGCONT).";
          case KILL -> "Node %d was killed (kill -9).";
          case START -> "Node %d was started again.";
          case EXPIRE -> "ZooKeeper has ended the session of node %d.";
        };
    return disturbed(text.formatted(number));
  }

  private Response server(Request request) throws Exception {
    ServerName name = request.path("server", ServerName::of);
    boolean stops =
        request.path("action", text -> Notation.word(ServerAction.class, text))
            == ServerAction.STOP;
    if (stops) {
      stage.fleet().stop(name);
    } else {
      stage.fleet().start(name);
    }
    return disturbed("%s was %s.".formatted(name.text(), stops ? "stopped" : "started"));
  }

  /** What can be done to a server. */
  private enum ServerAction {
    STOP,
    START
  }

  private Response load(Request request) {
    Events.LoadView before = stage.load().wanted();
    Events.LoadView wanted =
        new Events.LoadView(
            number(request, READS, Load.MOST_READS_PER_SECOND, before.readsPerSecond()),
            number(request, WRITES, Load.MOST_WRITES_PER_SECOND, before.writesPerSecond()),
            number(
                request,
                DATABASE_LATENCY,
                Load.MOST_DATABASE_LATENCY_MILLIS,
                before.databaseLatencyMillis()));
    stage.load().want(wanted);
    stage.tellState();
    return done(
        "From now on %d reads and %d writes a second, and loads of %d ms."
            .formatted(
                wanted.readsPerSecond(), wanted.writesPerSecond(), wanted.databaseLatencyMillis()));
  }

  private static int number(Request request, String name, int most, int before) {
    return request
        .query(name, text -> Notation.wholeNumber(text, 0, most))
        .map(Long::intValue)
        .orElse(before);
  }

  private Response rival(Request request) {
    RivalText rival =
        request
            .query("name", RivalText::of)
            .orElseThrow(() -> new RefusedRequestException(400, "name is missing"));
    if (!stage.caller().choose(rival.word())) {
      return Response.noContent();
    }
    stage.tellState();
    return done("The rival is %s from now on.".formatted(rival.title()));
  }

  private Response act(Request request) throws Exception {
    return done(
        stage
            .acts()
            .next(
                request.path("act", BrokenWrite.Kind::of),
                request
                    .query("step", text -> Notation.wholeNumber(text, 1, Integer.MAX_VALUE))
                    .map(Long::intValue),
                request.query("seed", text -> Notation.wholeNumber(text, 0, Integer.MAX_VALUE))));
  }

  private Response endAct() throws Exception {
    stage.acts().end();
    return done("The act is over.");
  }

  /** What a visitor does may spoil the act under way. */
  private Response disturbed(String text) {
    stage.acts().disturb(text);
    return done(text);
  }

  private Response done(String text) {
    stage.tellAction(text);
    return Response.noContent();
  }

  private static long product(Request request) {
    return request.path("id", text -> Notation.wholeNumber(text, 1, MOST_PRODUCTS));
  }
}
