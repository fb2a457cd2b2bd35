package io.tidemark.demo.client;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Update;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One of the caches that a node serves. Immutable.
 *
 * @param rival what a node calls it; empty for Tidemark
 */
public record NodeCache(Optional<String> rival) {
  /** Tidemark. */
  public static final NodeCache TIDEMARK = new NodeCache(Optional.empty());

  /** A rival, by its name at a node. */
  public static NodeCache ofRival(String name) {
    return new NodeCache(Optional.of(name));
  }

  /** Reads a product whose load takes that long. */
  public CompletableFuture<Read> read(NodeClient node, long id, Duration dbLatency) {
    return rival.isEmpty() ? node.read(id, dbLatency) : node.read(rival.get(), id, dbLatency);
  }

  /** Reads a product; a load stays in the hold until that is open. */
  public CompletableFuture<Read> heldRead(NodeClient node, long id, String hold) {
    return rival.isEmpty() ? node.heldRead(id, hold) : node.heldRead(rival.get(), id, hold);
  }

  /** Changes a product. */
  public CompletableFuture<Update> update(NodeClient node, Product product) {
    return rival.isEmpty() ? node.update(product) : node.update(rival.get(), product);
  }

  /** What Redis knows a product's entry by. */
  public String redisKey(long id) {
    return rival.map(name -> "rival:" + name + ":" + id).orElse("tidemark:products:" + id);
  }
}
