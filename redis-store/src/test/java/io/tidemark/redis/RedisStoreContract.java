package io.tidemark.redis;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.testkit.SlotStoreContract;
import java.time.Duration;
import java.util.List;
import redis.clients.jedis.UnifiedJedis;

/** The contract of stores over a real Redis, where time really passes. */
abstract class RedisStoreContract extends SlotStoreContract {
  private final UnifiedJedis jedis;
  private final RedisStore store;

  RedisStoreContract(UnifiedJedis jedis) {
    this.jedis = jedis;
    this.store = RedisStore.create(jedis);
  }

  @Override
  public final SlotStore store() {
    return store;
  }

  @Override
  public final SlotStore storeOf(String writer) {
    return RedisStore.create(jedis, writer);
  }

  @Override
  public final void elapse(Duration time) {
    long end = serverMillis() + time.toMillis();
    await().pollDelay(time).pollInterval(Duration.ofMillis(1)).until(() -> serverMillis() > end);
  }

  @Override
  public final void damage(SlotKey key) {
    jedis.set(SlotFormat.key(key), "not a slot".getBytes(UTF_8));
  }

  @Override
  public final void evict(SlotKey key) {
    jedis.del(SlotFormat.key(key));
  }

  private long serverMillis() {
    List<?> time = (List<?>) jedis.eval("return redis.call('time')", 1, "any");
    return number(time.get(0)) * 1_000 + number(time.get(1)) / 1_000;
  }

  private static long number(Object text) {
    return Long.parseLong((String) text);
  }
}
