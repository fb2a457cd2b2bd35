package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeAnswers.Stampede;
import io.tidemark.demo.client.NodeCache;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.http.RefusedRequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Many callers of every running node, all of whom ask for one cold product at the same moment.
 * Thread-safe.
 */
final class Stampedes {
  /** In each node. */
  static final int CALLERS = 25;

  private static final long FIRST_PRODUCT = 41;
  private static final int PRODUCTS = 20;
  private static final int POLL_MILLIS = 10;
  private static final double MICROS_PER_MILLI = 1_000;

  private final LiveFleet fleet;
  private final Load load;
  private final AtomicInteger played = new AtomicInteger();

  /** Whether the callers ask Tidemark, or look into Redis and else read the database. */
  enum Mode {
    PROTECTED,
    UNPROTECTED,
    /** One after the other. */
    BOTH
  }

  Stampedes(LiveFleet fleet, Load load) {
    this.fleet = fleet;
    this.load = load;
  }

  /** Lets the callers loose on a product that nobody else asks for. */
  List<Events.StampedeView> run(Mode mode) throws IOException, InterruptedException {
    List<NodeClient> nodes = fleet.running().stream().map(LiveFleet::client).toList();
    if (nodes.isEmpty()) {
      throw new RefusedRequestException(409, "no node is running; at least one must be");
    }
    int number = played.getAndIncrement();
    long product = FIRST_PRODUCT + number % PRODUCTS;
    List<Events.StampedeView> views = new ArrayList<>();
    if (mode != Mode.PROTECTED) {
      fleet.redis().del("stampede:product:" + product);
      views.add(view("unprotected", product, unprotected(nodes, product, "stampede-" + number)));
    }
    if (mode != Mode.UNPROTECTED) {
      fleet.redis().del(NodeCache.TIDEMARK.redisKey(product));
      views.add(view("protected", product, await(viaTidemark(nodes, product))));
    }
    return views;
  }

  private List<CompletableFuture<Stampede>> viaTidemark(List<NodeClient> nodes, long product) {
    return start(
        nodes,
        node -> node.stampede(product, CALLERS, NodeClient.Mode.PROTECTED, load.databaseLatency()));
  }

  /** None is given its row before every one has looked into Redis. */
  private List<Stampede> unprotected(List<NodeClient> nodes, long product, String hold)
      throws IOException, InterruptedException {
    List<CompletableFuture<Stampede>> under =
        start(nodes, node -> node.unprotectedStampede(product, CALLERS, hold));
    try {
      for (int i = 0; i < nodes.size(); i++) {
        while (!under.get(i).isDone() && nodes.get(i).arrived(hold) < CALLERS) {
          Thread.sleep(POLL_MILLIS);
        }
      }
    } finally {
      for (NodeClient node : nodes) {
        node.open(hold);
      }
    }
    return await(under);
  }

  private static List<CompletableFuture<Stampede>> start(
      List<NodeClient> nodes, Function<NodeClient, CompletableFuture<Stampede>> stampede) {
    return nodes.stream().map(stampede).toList();
  }

  private static List<Stampede> await(List<CompletableFuture<Stampede>> under)
      throws IOException, InterruptedException {
    List<Stampede> answers = new ArrayList<>();
    for (CompletableFuture<Stampede> answer : under) {
      answers.add(NodeClient.await(answer));
    }
    return answers;
  }

  private static Events.StampedeView view(String lane, long product, List<Stampede> answers) {
    return new Events.StampedeView(
        lane,
        product,
        answers.stream().mapToInt(Stampede::totalRequests).sum(),
        answers.stream().mapToInt(Stampede::dbReads).sum(),
        answers.stream().mapToInt(Stampede::errors).sum(),
        answers.stream().mapToDouble(Stampede::avgLatency).average().orElseThrow(),
        answers.stream()
            .mapToDouble(
                answer ->
                    (answer.lastAnsweredAtMicros() - answer.startedAtMicros()) / MICROS_PER_MILLI)
            .max()
            .orElseThrow());
  }
}
