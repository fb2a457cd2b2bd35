package io.tidemark.demo.node;

import io.tidemark.demo.http.RefusedRequestException;
import java.util.function.LongFunction;
import redis.clients.jedis.UnifiedJedis;

/** The fastest read there is, to compare with: one GET of the product's slot. */
final class BareGetStrategy implements Strategy {
  private final UnifiedJedis redis;
  private final LongFunction<String> slotKey;

  /**
   * Prepares to read slots from Redis.
   *
   * @param slotKey what a product's slot is called in Redis
   */
  BareGetStrategy(UnifiedJedis redis, LongFunction<String> slotKey) {
    this.redis = redis;
    this.slotKey = slotKey;
  }

  @Override
  public void clear(ProductRead read) {
    throw new RefusedRequestException(
        400, "clear is true; with mode=get it must be false: a bare GET loads nothing");
  }

  @Override
  public void read(ProductRead read, Meeting meeting) {
    if (redis.get(slotKey.apply(read.id())) == null) {
      throw new IllegalStateException("product " + read + " is not in Redis");
    }
  }
}
