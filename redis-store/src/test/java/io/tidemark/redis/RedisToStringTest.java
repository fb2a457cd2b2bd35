package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** How a cache names its store and its locks when it is built. Nothing listens at the port. */
class RedisToStringTest {

  @Test
  void toString_storeAndLocks_sayWhatTheyAre() {
    try (RedisClient jedis = RedisClient.builder().hostAndPort("127.0.0.1", 1).build();
        RedisLocks locks = RedisLocks.builder(jedis).life(Duration.ofSeconds(3)).build();
        Redlock redlock = Redlock.create(List.of(jedis));
        OptimisticRedisLocks optimistic = OptimisticRedisLocks.create(jedis)) {
      assertThat(RedisStore.create(jedis, "node-7")).hasToString("RedisStore (writer node-7)");
      assertThat(locks).hasToString("RedisLocks (life PT3S)");
      assertThat(redlock).hasToString("Redlock (life PT10S)");
      assertThat(optimistic).hasToString("OptimisticRedisLocks (life PT10S)");
    }
  }
}
