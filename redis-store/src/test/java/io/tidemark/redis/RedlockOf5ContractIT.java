package io.tidemark.redis;

import java.util.List;
import org.junit.jupiter.api.Tag;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over a majority of five servers. */
@Tag("thorough")
final class RedlockOf5ContractIT extends RedisLockContract {
  RedlockOf5ContractIT() {
    super(5);
  }

  @Override
  Redlock newLocks(List<? extends UnifiedJedis> clients) {
    return RedlockIT.patientLocks(clients);
  }
}
