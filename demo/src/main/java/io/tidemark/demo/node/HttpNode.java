package io.tidemark.demo.node;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.CacheBuilder;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import io.tidemark.demo.http.JsonServer;
import io.tidemark.demo.http.Route;
import io.tidemark.json.JsonCodec;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node that serves, put together from its parts. Thread-safe. */
final class HttpNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpNode.class);
  private static final String CACHE = "products";
  private static final Duration PATIENT_CLAIM_LIFE = Duration.ofMinutes(1);

  private final JsonServer server;
  private final VersionedCache<ProductRead, Product> cache;
  private final NodeMetrics metrics;
  private final NodeBackends backends;

  private HttpNode(
      JsonServer server,
      VersionedCache<ProductRead, Product> cache,
      NodeMetrics metrics,
      NodeBackends backends) {
    this.server = server;
    this.cache = cache;
    this.metrics = metrics;
    this.backends = backends;
  }

  /**
   * Starts to serve.
   *
   * @throws IOException if the port cannot be opened; nothing stays open then
   */
  static HttpNode start(NodeOptions options) throws IOException, InterruptedException {
    NodeBackends backends = NodeBackends.open(options);
    NodeMetrics metrics = new NodeMetrics(backends.breaker());
    try {
      return start(options, backends, metrics);
    } catch (Throwable failure) {
      metrics.close();
      backends.close();
      throw failure;
    }
  }

  private static HttpNode start(NodeOptions options, NodeBackends backends, NodeMetrics metrics)
      throws IOException {
    Products products = new Products(backends.database(), NodeBackends.queryTimeout(options));
    SlowSource source = new SlowSource(products);
    WorkLog work = new WorkLog();
    VersionedCache<ProductRead, Product> cache = cache(options, backends, source, metrics, work);
    try {
      Optional<Rehearsal> rehearsal =
          options.stage() == NodeStage.NONE
              ? Optional.empty()
              : Optional.of(new Rehearsal(backends.zookeeper()));
      SlowSource unprotected =
          options.stage() == NodeStage.LIVE
              ? new SlowSource(
                  Products.ofNobody(backends.database(), NodeBackends.queryTimeout(options)))
              : source;
      ProductRequests requests = new ProductRequests(options.dbLatency(), rehearsal);
      NodeApi api =
          new NodeApi(
              cache,
              products,
              new UnprotectedStrategy(backends.redis(), unprotected),
              new BareGetStrategy(backends.redis(), HttpNode::slotName),
              id -> slot(backends, id),
              () -> Health.check(backends),
              metrics::scrape,
              requests,
              stageRoutes(options, backends, requests, work));
      JsonServer server =
          JsonServer.start(options.httpPort(), api.routes(), new NodeFailures(), Json.MAPPER);
      checkInBackground(cache);
      return new HttpNode(server, cache, metrics, backends);
    } catch (Throwable failure) {
      cache.close();
      throw failure;
    }
  }

  private static List<Route> stageRoutes(
      NodeOptions options, NodeBackends backends, ProductRequests requests, WorkLog work) {
    List<Route> routes = new ArrayList<>();
    requests.rehearsal().ifPresent(rehearsal -> routes.addAll(rehearsal.routes()));
    if (options.stage() == NodeStage.LIVE) {
      Products products =
          Products.ofRivals(backends.database(), NodeBackends.queryTimeout(options));
      routes.addAll(
          new Rivals(backends.redis(), backends.zookeeper().orElseThrow(), products, requests)
              .routes());
      routes.add(work.route());
    }
    return routes;
  }

  /** A node serves what it can, so it only tells what is wrong with the servers' set-up. */
  private static void checkInBackground(VersionedCache<?, ?> cache) {
    Thread check =
        new Thread(
            () -> {
              try {
                cache.check();
              } catch (TidemarkException e) {
                LOG.debug("the cache has told what is wrong, or is closed", e);
              }
            },
            "tidemark-check");
    check.setDaemon(true);
    check.start();
  }

  private static VersionedCache<ProductRead, Product> cache(
      NodeOptions options,
      NodeBackends backends,
      SlowSource source,
      NodeMetrics metrics,
      WorkLog work) {
    CacheBuilder<ProductRead, Product> builder =
        VersionedCache.<ProductRead, Product>builder(CACHE)
            .source(source)
            .store(backends.store())
            .locks(backends.locks())
            .codec(JsonCodec.of(new TypeReference<Product>() {}, Json.MAPPER))
            .keyEncoder(ProductRead::encoded)
            .ttl(options.ttl())
            .deadline(options.deadline())
            .onFallback(options.onLockTimeout())
            .onLoadFailure(options.onLoadFailure())
            .listener(metrics.listener());
    if (options.stage() == NodeStage.LIVE) {
      builder.listener(work);
    }
    if (options.isPatient()) {
      builder
          .claimLife(PATIENT_CLAIM_LIFE)
          .maxLoadTime(options.deadline())
          .lockOutageWait(options.deadline());
    }
    if (!options.grace().isZero()) {
      builder.grace(options.grace());
    }
    return builder.build();
  }

  private static SlotView slot(NodeBackends backends, long id) {
    SlotKey key = new SlotKey(CACHE, Long.toString(id));
    return SlotView.of(backends.store().read(key), backends.redis().pttl(slotName(id)));
  }

  /** What Redis knows the slot of a product by, which is part of the store's documentation. */
  private static String slotName(long id) {
    return "tidemark:" + CACHE + ":" + id;
  }

  /** Where it serves, such as {@code http://127.0.0.1:8080}. */
  String url() {
    return server.url();
  }

  /** Lets requests under way end, and leaves the servers. Idempotent. */
  @Override
  public synchronized void close() {
    try (backends;
        metrics;
        cache) {
      server.close();
    }
  }
}
