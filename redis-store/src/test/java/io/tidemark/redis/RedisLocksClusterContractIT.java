package io.tidemark.redis;

import java.util.List;
import org.junit.jupiter.api.Tag;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over a cluster: each lock is one key, whatever its name. */
@Tag("thorough")
final class RedisLocksClusterContractIT extends RedisLockContract {
  RedisLocksClusterContractIT() {
    super(RedisCluster.start(3));
  }

  @Override
  RedisLocks newLocks(List<? extends UnifiedJedis> clients) {
    return RedisLocks.builder(clients.get(0)).life(LONG_LIFE).build();
  }
}
