package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.judge.Judge;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One side: how it is called, who judges its answers, and what came of them.
 *
 * @param rival which rival it is; empty for Tidemark
 */
record Contender(Optional<String> rival, Judge judge, Scores scores) {
  static Contender tidemark() {
    return new Contender(Optional.empty(), new Judge(), new Scores());
  }

  static Contender rival(String name) {
    return new Contender(Optional.of(name), new Judge(), new Scores());
  }

  Lane lane() {
    return rival.isEmpty() ? Lane.TIDEMARK : Lane.RIVAL;
  }

  CompletableFuture<Read> read(NodeClient node, long product, Duration dbLatency) {
    return rival.isEmpty()
        ? node.read(product, dbLatency)
        : node.read(rival.get(), product, dbLatency);
  }

  CompletableFuture<Read> heldRead(NodeClient node, long product, String hold) {
    return rival.isEmpty()
        ? node.heldRead(product, hold)
        : node.heldRead(rival.get(), product, hold);
  }

  CompletableFuture<Update> update(NodeClient node, Product product) {
    return rival.isEmpty() ? node.update(product) : node.update(rival.get(), product);
  }

  /** What Redis knows the product's entry by. */
  String redisKey(long product) {
    return rival.isEmpty()
        ? "tidemark:products:" + product
        : "rival:" + rival.get() + ":" + product;
  }
}
