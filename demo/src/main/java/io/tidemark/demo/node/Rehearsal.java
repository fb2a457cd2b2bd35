package io.tidemark.demo.node;

import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.http.Request;
import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.ZooKeeper;

/**
 * What the acts need of a node beyond the usual: to say when a load goes on, and what ZooKeeper
 * knows the node by, so that they can end its session. Thread-safe.
 */
final class Rehearsal {
  /** The query parameter by which a request names a hold. */
  static final String HOLD = "hold";

  private final Map<String, Hold> holds = new ConcurrentHashMap<>();
  private final Optional<CuratorFramework> zookeeper;

  Rehearsal(Optional<CuratorFramework> zookeeper) {
    this.zookeeper = zookeeper;
  }

  List<Route> routes() {
    return List.of(
        new Route("GET", "/rehearsal/holds/{hold}", this::waiting),
        new Route("POST", "/rehearsal/holds/{hold}/open", this::open),
        new Route("GET", "/rehearsal/session", request -> session()));
  }

  /** The hold that a request names for its loads. */
  Optional<Hold> hold(Request request) {
    return request.query(HOLD, this::hold);
  }

  private Hold hold(String name) {
    return holds.computeIfAbsent(name, Hold::new);
  }

  private record WaitingAnswer(int waiting, int ended) {}

  private Response waiting(Request request) {
    Hold hold = request.path(HOLD, this::hold);
    return Response.json(200, new WaitingAnswer(hold.waiting(), hold.ended()));
  }

  private Response open(Request request) {
    request.path(HOLD, this::hold).open();
    return Response.noContent();
  }

  /** The number is a text: it has more digits than a program's JSON may keep. */
  private record SessionAnswer(String id, String password) {}

  private Response session() throws Exception {
    CuratorFramework curator =
        zookeeper.orElseThrow(() -> new RefusedRequestException(404, "the locks are elsewhere"));
    ZooKeeper client = curator.getZookeeperClient().getZooKeeper();
    return Response.json(
        200,
        new SessionAnswer(
            Long.toString(client.getSessionId()),
            HexFormat.of().formatHex(client.getSessionPasswd())));
  }
}
