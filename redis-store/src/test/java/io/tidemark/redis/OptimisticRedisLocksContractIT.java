package io.tidemark.redis;

import java.time.Duration;
import java.util.List;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over one Redis, without scripts. */
final class OptimisticRedisLocksContractIT extends RedisLockContract {
  OptimisticRedisLocksContractIT() {
    super(1);
  }

  @Override
  OptimisticRedisLocks newLocks(List<? extends UnifiedJedis> clients) {
    return OptimisticRedisLocks.builder((RedisClient) clients.get(0))
        .life(LONG_LIFE)
        .pollInterval(Duration.ofMillis(20))
        .build();
  }
}
