package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.csc.CacheConfig;

class RedisStoreTest {

  @Test
  void create_clientWithItsOwnCache_refused() {
    try (RedisClient caching =
        RedisClient.builder()
            .clientConfig(DefaultJedisClientConfig.builder().protocol(RedisProtocol.RESP3).build())
            .cacheConfig(CacheConfig.builder().build())
            .build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RedisStore.create(caching))
          .withMessageContaining("client-side cache");
    }
  }
}
