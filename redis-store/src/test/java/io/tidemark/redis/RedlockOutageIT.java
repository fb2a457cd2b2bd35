package io.tidemark.redis;

import io.tidemark.spi.LockProvider;
import java.time.Duration;
import java.util.List;
import redis.clients.jedis.RedisClient;

/** All servers at once. */
final class RedlockOutageIT extends LockOutageContract {
  RedlockOutageIT() {
    super(3);
  }

  @Override
  LockProvider newLocks(List<RedisClient> lockClients, Duration life) {
    return Redlock.builder(lockClients).life(life).build();
  }
}
