package io.tidemark.redis;

import io.tidemark.spi.Ticker;
import io.tidemark.spi.WriterName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;

/**
 * Builds a {@link RedisStore}. Each option is checked when it is set, and may be set once. Not
 * thread-safe.
 */
public final class RedisStoreBuilder {
  private final UnifiedJedis jedis;
  private @Nullable String writer;
  private @Nullable Failover failover;

  RedisStoreBuilder(UnifiedJedis jedis) {
    this.jedis = JedisCheck.checked(jedis);
  }

  /**
   * The name to sign slots with. The default is {@link WriterName#ofThisProcess}.
   *
   * @throws IllegalArgumentException unless it is 1 to 8 printable ASCII characters without spaces
   * @throws IllegalStateException if it was set before
   */
  public RedisStoreBuilder writer(String writer) {
    RedisLocksBuilder.checkFirst("writer", this.writer);
    this.writer = WriterName.check(writer);
    return this;
  }

  /**
   * What to do with slots that Redis brings back when it fails over or restarts. The default is
   * {@link Failover#FORWARD_ONLY}.
   *
   * @throws IllegalStateException if it was set before
   */
  public RedisStoreBuilder failover(Failover failover) {
    RedisLocksBuilder.checkFirst("failover", this.failover);
    this.failover = Objects.requireNonNull(failover, "failover");
    return this;
  }

  /** Builds the store. Does not connect. */
  public RedisStore build() {
    return new RedisStore(
        jedis,
        Ticker.system(),
        writer != null ? writer : WriterName.ofThisProcess(),
        failover != null ? failover : Failover.FORWARD_ONLY);
  }
}
