package io.tidemark.demo.node;

import io.tidemark.Row;
import java.time.Duration;
import java.util.Optional;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.params.SetParams;

/**
 * A lock in Redis, and SET: one process loads, the others look again every 500 ms. A change deletes
 * the entry. A process that loaded before it and writes after it puts the old product back; and the
 * lock, which has no owner, is deleted by a holder that has long lost it.
 */
final class LockAndSetRival implements Rival {
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Duration LOCK_LIFE = Duration.ofSeconds(10);
  private static final int MOST_RETRIES = 5;
  private static final int PAUSE_MILLIS = 500;

  private final UnifiedJedis redis;
  private final RivalEntries entries;
  private final SlowSource source;
  private final Products products;

  LockAndSetRival(UnifiedJedis redis, SlowSource source, Products products) {
    this.redis = redis;
    this.entries = new RivalEntries(redis, "lock-and-set");
    this.source = source;
    this.products = products;
  }

  @Override
  public Answer read(ProductRead read) throws Exception {
    Optional<Row<Product>> cached = entries.get(read.id());
    if (cached.isPresent()) {
      return Answer.cached(cached.get());
    }
    String lock = "lock:" + entries.key(read.id());
    if (redis.set(lock, "1", SetParams.setParams().nx().px(LOCK_LIFE.toMillis())) != null) {
      try {
        Row<Product> row = source.load(read);
        entries.set(read.id(), row, TTL);
        return new Answer(row, "database (lock holder)", true, 0);
      } finally {
        redis.del(lock);
      }
    }
    for (int retries = 1; retries <= MOST_RETRIES; retries++) {
      Thread.sleep(PAUSE_MILLIS);
      cached = entries.get(read.id());
      if (cached.isPresent()) {
        return new Answer(cached.get(), "cache (after wait)", false, retries);
      }
    }
    return new Answer(source.load(read), "database (fallback)", false, MOST_RETRIES);
  }

  @Override
  public Row<Product> update(long id, ProductFields fields) throws Exception {
    Row<Product> row = products.update(id, fields);
    entries.delete(id);
    return row;
  }
}
