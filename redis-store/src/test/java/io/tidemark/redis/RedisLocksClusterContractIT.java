package io.tidemark.redis;

import java.util.List;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over a cluster: each lock is one key, whatever its name. */
final class RedisLocksClusterContractIT extends RedisLockContract {
  RedisLocksClusterContractIT() {
    super(RedisCluster.start(3));
  }

  @Override
  RedisLocks newLocks(List<? extends UnifiedJedis> clients) {
    return RedisLocks.create(clients.get(0));
  }
}
