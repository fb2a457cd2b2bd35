package io.tidemark.demo.node;

import io.tidemark.Row;
import java.time.Duration;
import java.util.Optional;
import redis.clients.jedis.UnifiedJedis;

/**
 * A time to live, and nothing else: no lock, so that every process loads a product that has
 * expired; and a change is seen once the time is over.
 */
final class TtlOnlyRival implements Rival {
  private static final Duration TTL = Duration.ofSeconds(10);

  private final RivalEntries entries;
  private final SlowSource source;
  private final Products products;

  TtlOnlyRival(UnifiedJedis redis, SlowSource source, Products products) {
    this.entries = new RivalEntries(redis, "ttl-only");
    this.source = source;
    this.products = products;
  }

  @Override
  public Answer read(ProductRead read) throws Exception {
    Optional<Row<Product>> cached = entries.get(read.id());
    if (cached.isPresent()) {
      return Answer.cached(cached.get());
    }
    Row<Product> row = source.load(read);
    entries.set(read.id(), row, TTL);
    return Answer.loaded(row);
  }

  @Override
  public Row<Product> update(long id, ProductFields fields) throws Exception {
    return products.update(id, fields);
  }
}
