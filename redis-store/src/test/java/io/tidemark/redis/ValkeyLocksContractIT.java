package io.tidemark.redis;

import java.util.List;
import org.junit.jupiter.api.Tag;
import redis.clients.jedis.UnifiedJedis;

/** The contract of locks over one Valkey. */
@Tag("thorough")
final class ValkeyLocksContractIT extends RedisLockContract {
  ValkeyLocksContractIT() {
    super(List.of(RedisServer.startValkey()));
  }

  @Override
  RedisLocks newLocks(List<? extends UnifiedJedis> clients) {
    return RedisLocks.builder(clients.get(0)).life(LONG_LIFE).build();
  }
}
