package io.tidemark.redis;

import java.util.List;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over a majority of three servers. */
final class RedlockOf3ContractIT extends RedisLockContract {
  RedlockOf3ContractIT() {
    super(3);
  }

  @Override
  Redlock newLocks(List<? extends UnifiedJedis> clients) {
    return RedlockIT.patientLocks(clients);
  }
}
