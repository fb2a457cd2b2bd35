package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends each call to the next of the nodes that are in. A node that was taken out gets no more
 * calls, and can be told to leave once those under way have ended. Thread-safe.
 */
final class Balancer {
  private final List<NodeClient> in;
  private final Map<NodeClient, Integer> underWay = new HashMap<>();
  private int turn;

  /** Begins with all of these nodes in. */
  static Balancer of(List<NodeProcess> nodes) {
    return new Balancer(nodes.stream().map(NodeProcess::http).toList());
  }

  /** Begins with what these are clients of. */
  Balancer(List<NodeClient> nodes) {
    this.in = new ArrayList<>(nodes);
  }

  /** One call of a node. Returns whether it was answered. */
  interface Call {
    boolean make(NodeClient node) throws InterruptedException;
  }

  /** Makes a call, of a node that stays in until it has ended. */
  boolean send(Call call) throws InterruptedException {
    NodeClient node = choose();
    try {
      return call.make(node);
    } finally {
      ended(node);
    }
  }

  /** Sends a node no more calls. */
  synchronized void takeOut(NodeClient node) {
    in.remove(node);
  }

  /** Sends a node calls, too. */
  synchronized void putIn(NodeClient node) {
    in.add(node);
  }

  /** Whether calls of a node are under way. */
  synchronized boolean isBusy(NodeClient node) {
    return underWay.getOrDefault(node, 0) > 0;
  }

  private synchronized NodeClient choose() {
    if (in.isEmpty()) {
      throw new IllegalStateException("no node is in");
    }
    NodeClient node = in.get(Math.floorMod(turn++, in.size()));
    underWay.merge(node, 1, Integer::sum);
    return node;
  }

  private synchronized void ended(NodeClient node) {
    underWay.merge(node, -1, Integer::sum);
  }
}
