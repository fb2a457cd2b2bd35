package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeClient;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One cache whose answers are judged.
 *
 * @param title what people call it
 * @param rival what a node calls it; empty for Tidemark
 */
record Side(String title, Optional<String> rival) {
  static final Side TIDEMARK = new Side("Tidemark", Optional.empty());

  static Side rival(String title, String name) {
    return new Side(title, Optional.of(name));
  }

  CompletableFuture<Read> read(NodeClient node, long id) {
    return rival.isEmpty()
        ? node.read(id, StageNodes.DB_LATENCY)
        : node.read(rival.get(), id, StageNodes.DB_LATENCY);
  }

  CompletableFuture<Read> heldRead(NodeClient node, long id, String hold) {
    return rival.isEmpty() ? node.heldRead(id, hold) : node.heldRead(rival.get(), id, hold);
  }

  CompletableFuture<Update> update(NodeClient node, Product product) {
    return rival.isEmpty() ? node.update(product) : node.update(rival.get(), product);
  }

  /** What Redis knows a product's entry by. */
  String redisKey(long id) {
    return rival.map(name -> "rival:" + name + ":" + id).orElse("tidemark:products:" + id);
  }
}
