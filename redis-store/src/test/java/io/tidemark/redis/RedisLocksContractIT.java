package io.tidemark.redis;

import java.util.List;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over one Redis. */
final class RedisLocksContractIT extends RedisLockContract {
  RedisLocksContractIT() {
    super(1);
  }

  @Override
  RedisLocks newLocks(List<? extends UnifiedJedis> clients) {
    return RedisLocks.builder(clients.get(0)).life(LONG_LIFE).build();
  }
}
