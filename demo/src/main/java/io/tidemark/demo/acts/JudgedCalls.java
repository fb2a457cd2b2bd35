package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeClient;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads and updates products through nodes, and counts each answer to a read that is older than an
 * update that was acknowledged before the read began. Thread-safe.
 */
final class FailoverJudge {
  private final Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger updates = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger stepsBack = new AtomicInteger();

  /** Reads a product, and judges the answer. A call that fails says nothing about the row. */
  void read(NodeClient node, long id) throws InterruptedException {
    long newest = acknowledged.getOrDefault(id, Long.MIN_VALUE);
    try {
      Read answer = node.read(id);
      if (Long.parseLong(answer.version()) < newest) {
        stepsBack.incrementAndGet();
      }
      reads.incrementAndGet();
    } catch (IOException e) {
      failures.incrementAndGet();
    }
  }

  /** Writes a product as it is given. */
  void update(NodeClient node, Product product) throws InterruptedException {
    try {
      Update answer = node.update(product, product.price());
      acknowledged.merge(product.id(), Long.parseLong(answer.version()), Math::max);
      updates.incrementAndGet();
    } catch (IOException e) {
      failures.incrementAndGet();
    }
  }

  int reads() {
    return reads.get();
  }

  int updates() {
    return updates.get();
  }

  int failures() {
    return failures.get();
  }

  int stepsBack() {
    return stepsBack.get();
  }
}
