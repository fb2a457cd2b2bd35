package io.tidemark.demo.node;

import io.tidemark.Row;
import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.http.Request;
import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import redis.clients.jedis.UnifiedJedis;

/**
 * The rivals of Tidemark, over HTTP. They cache a table of their own, so that neither side is
 * helped or disturbed by the other. Thread-safe.
 */
final class Rivals {
  private static final String PATH = "/rivals/{rival}/{id}";

  private final Map<String, Rival> rivals;
  private final ProductRequests requests;

  Rivals(
      UnifiedJedis redis, CuratorFramework zookeeper, Products products, ProductRequests requests) {
    SlowSource source = new SlowSource(products);
    this.rivals =
        Map.of(
            "lock-and-set", new LockAndSetRival(redis, source, products),
            "compare-newer", new CompareNewerRival(redis, zookeeper, source, products),
            "ttl-only", new TtlOnlyRival(redis, source, products));
    this.requests = requests;
  }

  List<Route> routes() {
    return List.of(
        new Route("GET", PATH, this::read, requests.parameters()),
        new Route("PUT", PATH, this::update));
  }

  private Response read(Request request) throws Exception {
    ProductRead read = requests.read(request);
    long startedNanos = System.nanoTime();
    Rival.Answer answer = rival(request).read(read);
    return ReadAnswer.of(answer, Duration.ofNanos(System.nanoTime() - startedNanos)).response();
  }

  private Response update(Request request) throws Exception {
    long id = ProductRequests.id(request);
    ProductFields fields = ProductFields.parse(request.body());
    Row<Product> row = rival(request).update(id, fields);
    return UpdateAnswer.response(id, row);
  }

  private Rival rival(Request request) {
    return request.path("rival", this::rival);
  }

  private Rival rival(String name) {
    Rival rival = rivals.get(name);
    if (rival == null) {
      throw new RefusedRequestException(404, "there is no rival of the name '" + name + "'");
    }
    return rival;
  }
}
