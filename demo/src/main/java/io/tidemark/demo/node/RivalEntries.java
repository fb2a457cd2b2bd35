package io.tidemark.demo.node;

import io.tidemark.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.params.SetParams;

/** A rival's products in Redis, as JSON under keys of their own. Thread-safe. */
final class RivalEntries {
  private final UnifiedJedis redis;
  private final String prefix;

  RivalEntries(UnifiedJedis redis, String rival) {
    this.redis = redis;
    this.prefix = "rival:" + rival + ":";
  }

  /** What a product is called in Redis. */
  String key(long id) {
    return prefix + id;
  }

  Optional<Row<Product>> get(long id) throws IOException {
    String json = redis.get(key(id));
    return json == null ? Optional.empty() : Optional.of(row(json));
  }

  /** Stores a product; of one that does not exist nothing is stored. */
  void set(long id, Row<Product> row, Duration ttl) throws IOException {
    if (row instanceof Row.Present<Product> present) {
      redis.set(key(id), json(present.value()), SetParams.setParams().px(ttl.toMillis()));
    }
  }

  void delete(long id) {
    redis.del(key(id));
  }

  static String json(Product product) throws IOException {
    return Json.MAPPER.writeValueAsString(product);
  }

  static Row<Product> row(String json) throws IOException {
    Product product = Json.MAPPER.readValue(json, Product.class);
    return Row.present(product, ChronoUnit.MICROS.between(Instant.EPOCH, product.updatedAt()));
  }
}
