package io.tidemark.bench.contestants;

import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** The client of those that use Redisson. */
final class RedissonClients {
  private RedissonClients() {}

  /** Connects a client, which the caller shuts down. */
  static RedissonClient connect(Setting setting) {
    Config config = new Config();
    config.setLockWatchdogTimeout(setting.lockLifeOr(Patience.LIMIT).toMillis());
    config
        .useSingleServer()
        .setAddress("redis://" + setting.redis())
        .setConnectionPoolSize(setting.connections())
        .setConnectionMinimumIdleSize(setting.connections())
        .setConnectTimeout(Patience.millis())
        .setTimeout(Patience.millis())
        .setSubscriptionTimeout(Patience.millis());
    config.setCodec(new ItemCodec());
    return Redisson.create(config);
  }
}
