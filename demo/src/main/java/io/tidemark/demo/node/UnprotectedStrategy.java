package io.tidemark.demo.node;

import io.tidemark.Row;
import io.tidemark.Source;
import java.time.Duration;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.params.SetParams;

/** What most programs do: get, and on a miss load and set. On keys of its own. */
final class UnprotectedStrategy implements Strategy {
  private static final Duration TTL = Duration.ofMinutes(1);

  private final UnifiedJedis redis;
  private final Source<ProductRead, Product> source;

  UnprotectedStrategy(UnifiedJedis redis, Source<ProductRead, Product> source) {
    this.redis = redis;
    this.source = source;
  }

  @Override
  public void clear(ProductRead read) {
    redis.del(key(read));
  }

  @Override
  public void read(ProductRead read, Meeting meeting) throws Exception {
    if (isCached(read, meeting)) {
      return;
    }
    meeting.awaitAll();
    if (source.load(read) instanceof Row.Present<Product> row) {
      String json = Json.MAPPER.writeValueAsString(row.value());
      redis.set(key(read), json, SetParams.setParams().px(TTL.toMillis()));
    }
  }

  private boolean isCached(ProductRead read, Meeting meeting) {
    try {
      return redis.get(key(read)) != null;
    } finally {
      meeting.looked();
    }
  }

  private static String key(ProductRead read) {
    return "stampede:product:" + read.id();
  }
}
