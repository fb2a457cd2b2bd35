package io.tidemark.redis;

import io.tidemark.spi.LockProvider;
import java.time.Duration;
import java.util.List;
import redis.clients.jedis.RedisClient;

final class OptimisticRedisLocksOutageIT extends LockOutageContract {
  OptimisticRedisLocksOutageIT() {
    super(1);
  }

  @Override
  LockProvider newLocks(List<RedisClient> lockClients, Duration life) {
    return OptimisticRedisLocks.builder(lockClients.get(0)).life(life).build();
  }
}
