package io.tidemark.demo.node;

import io.tidemark.CacheStats;
import io.tidemark.CallOptions;
import io.tidemark.LoadProfile;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.demo.http.Request;
import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** The HTTP table of a node. Thread-safe. */
final class NodeApi {
  private static final String READ_PATH = "/cache-strategies/distributed-lock/{id}";
  private static final String PRODUCT_PATH = "/products/{id}";
  private static final long DEFAULT_REQUESTS = 10;
  private static final long DEFAULT_WARMED = 100;
  private static final long MOST_WARMED = 10_000;
  private static final long MOST_FIRST_ID = Long.MAX_VALUE - MOST_WARMED;
  private static final long DEFAULT_LOADS_PER_SECOND = 1_000;
  private static final long MOST_LOADS_PER_SECOND = 100_000;

  /** Of a load that is held: as long as its hold may last. */
  private static final LoadProfile HELD =
      new LoadProfile(Duration.ofMinutes(1), Hold.LIMIT, Hold.LIMIT);

  /** How a stampede reads. */
  private enum Mode {
    UNPROTECTED,
    PROTECTED,
    /** Bare GETs of the slot. */
    GET
  }

  private final VersionedCache<ProductRead, Product> cache;
  private final VersionedCache<ProductRead, Product> patient;
  private final ProductRequests requests;
  private final Products products;
  private final Strategy unprotected;
  private final Strategy bareGet;
  private final Strategy viaTidemark;
  private final LongFunction<SlotView> slots;
  private final Supplier<Health> health;
  private final Supplier<String> metrics;
  private final List<Route> stageRoutes;
  private final Stampede stampede = new Stampede();

  /**
   * Prepares to serve requests.
   *
   * @param unprotected reads without the cache
   * @param bareGet looks into Redis, and does no more
   * @param slots shows the slot of a product
   * @param health asks the servers how they are
   * @param metrics tells the meters in the format of {@link NodeMetrics#CONTENT_TYPE}
   * @param requests what requests ask for
   * @param stageRoutes what is served besides, where acts are played on this node
   */
  NodeApi(
      VersionedCache<ProductRead, Product> cache,
      Products products,
      Strategy unprotected,
      Strategy bareGet,
      LongFunction<SlotView> slots,
      Supplier<Health> health,
      Supplier<String> metrics,
      ProductRequests requests,
      List<Route> stageRoutes) {
    this.cache = cache;
    this.patient = cache.with(CallOptions.none().profile(HELD));
    this.requests = requests;
    this.products = products;
    this.unprotected = unprotected;
    this.bareGet = bareGet;
    this.viaTidemark = new ProtectedStrategy(cache);
    this.slots = slots;
    this.health = health;
    this.metrics = metrics;
    this.stageRoutes = stageRoutes;
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>(publicRoutes());
    routes.addAll(stageRoutes);
    return List.copyOf(routes);
  }

  private List<Route> publicRoutes() {
    return List.of(
        new Route("GET", READ_PATH, this::read, requests.parameters()),
        new Route(
            "POST",
            READ_PATH + "/stampede",
            this::stampede,
            requests.parameters("requests", "mode", "clear", "detail")),
        new Route(
            "POST",
            "/cache-strategies/warm",
            this::warm,
            requests.parameters("from", "count", "loadsPerSecond")),
        new Route("DELETE", "/cache-strategies/clear", request -> clear()),
        new Route("PUT", PRODUCT_PATH, this::update),
        new Route("DELETE", PRODUCT_PATH, this::delete),
        new Route("POST", PRODUCT_PATH + "/invalidate", this::invalidate),
        new Route("GET", PRODUCT_PATH + "/slot", this::slot),
        new Route("GET", PRODUCT_PATH + "/explain", this::explain),
        new Route("GET", "/stats", request -> stats()),
        new Route("GET", "/metrics", request -> metrics()),
        new Route("GET", "/health", request -> health()));
  }

  private Response read(Request request) {
    ProductRead read = requests.read(request);
    return ReadAnswer.of((read.isHeld() ? patient : cache).read(read)).response();
  }

  private Response stampede(Request request) throws InterruptedException {
    int callers =
        request
            .query("requests", text -> Notation.wholeNumber(text, 1, Stampede.MAX_REQUESTS))
            .orElse(DEFAULT_REQUESTS)
            .intValue();
    Mode mode =
        request.query("mode", text -> Notation.word(Mode.class, text)).orElse(Mode.UNPROTECTED);
    boolean clear = request.query("clear", Notation::truth).orElse(mode != Mode.GET);
    Stampede.Detail detail =
        request.query("detail", Notation::truth).orElse(false)
            ? Stampede.Detail.CALLERS
            : Stampede.Detail.SUMMARY;
    ProductRead read = requests.read(request);
    Strategy strategy =
        switch (mode) {
          case UNPROTECTED -> unprotected;
          case PROTECTED -> viaTidemark;
          case GET -> bareGet;
        };
    if (clear) {
      strategy.clear(read);
    }
    return Response.json(200, stampede.run(strategy, read, callers, detail));
  }

  /** Loads a range of products ahead of their readers, together with others that do so. */
  private Response warm(Request request) {
    long from =
        request.query("from", text -> Notation.wholeNumber(text, 1, MOST_FIRST_ID)).orElse(1L);
    long count =
        request
            .query("count", text -> Notation.wholeNumber(text, 1, MOST_WARMED))
            .orElse(DEFAULT_WARMED);
    long rate =
        request
            .query("loadsPerSecond", text -> Notation.wholeNumber(text, 1, MOST_LOADS_PER_SECOND))
            .orElse(DEFAULT_LOADS_PER_SECOND);
    Duration latency = requests.latency(request);
    List<ProductRead> reads =
        LongStream.range(from, from + count).mapToObj(id -> new ProductRead(id, latency)).toList();
    return Response.json(
        200, cache.warm(reads, WarmOptions.defaults().loadsPerSecond((double) rate)));
  }

  private Response clear() {
    cache.clear();
    return Response.noContent();
  }

  private Response update(Request request) throws SQLException {
    long id = ProductRequests.id(request);
    ProductFields fields = ProductFields.parse(request.body());
    WriteResult<Product> result =
        cache.update(new ProductRead(id, requests.dbLatency()), () -> products.update(id, fields));
    checkKnown(result.outcome());
    return UpdateAnswer.response(id, result.row());
  }

  private Response delete(Request request) throws SQLException {
    long id = ProductRequests.id(request);
    WriteResult<Product> result =
        cache.update(new ProductRead(id, requests.dbLatency()), () -> products.delete(id));
    checkKnown(result.outcome());
    return result.row().version().isPresent()
        ? Response.noContent()
        : ProductRequests.noSuchProduct(id);
  }

  private Response invalidate(Request request) {
    checkKnown(
        cache.invalidate(new ProductRead(ProductRequests.id(request), requests.dbLatency())));
    return Response.noContent();
  }

  private Response slot(Request request) {
    return Response.json(200, slots.apply(ProductRequests.id(request)));
  }

  /** For people: what the slot and the database say, and what this node did lately. */
  private Response explain(Request request) {
    String text =
        cache.explain(new ProductRead(ProductRequests.id(request), Duration.ZERO)).toString();
    return Response.text(200, "text/plain; charset=utf-8", text);
  }

  /** The counts, under the names that the demo's users know. */
  private record StatsAnswer(
      long hits,
      long misses,
      long loads,
      long stored,
      long stale,
      long refused,
      long behind,
      long lockAcquired,
      long lockWaited,
      long lockTimedOut,
      long fallbacks,
      long damaged) {}

  private Response stats() {
    CacheStats stats = cache.stats();
    return Response.json(
        200,
        new StatsAnswer(
            stats.hits(),
            stats.misses(),
            stats.loads(),
            stats.stored(),
            stats.superseded(),
            stats.refused(),
            stats.behind(),
            stats.lockAcquired(),
            stats.lockWaited(),
            stats.lockTimedOut(),
            stats.fallbacks(),
            stats.damaged()));
  }

  private Response metrics() {
    return Response.text(200, NodeMetrics.CONTENT_TYPE, metrics.get());
  }

  private Response health() {
    Health now = health.get();
    Response response = Response.json(now.isUp() ? 200 : 503, now);
    return now.isUp() ? response : response.withHeader("Retry-After", "1");
  }

  /** The database has the row, but a reader may be served the one before: not what was asked. */
  private static void checkKnown(WriteOutcome outcome) {
    if (outcome == WriteOutcome.UNKNOWN) {
      throw new OutcomeUnknownException(
          null,
          "the database is up to date, but Redis did not answer: an older product may be served"
              + " until its time to live ends; repeat the request",
          null);
    }
  }
}
