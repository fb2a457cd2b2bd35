package io.tidemark.bench.contestants;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.CacheLoader;
import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.util.concurrent.TimeUnit;

/** JetCache's remote cache: callers of one process share a load. */
final class JetCache implements Contestant {
  private final RedisClient redis;
  private final Cache<Integer, Item> cache;

  JetCache(Setting setting) {
    this.redis = RedisClient.create(RedisURI.create("redis://" + setting.redis()));
    CacheLoader<Integer, Item> loader = setting.source()::load;
    this.cache =
        RedisLettuceCacheBuilder.createRedisLettuceCacheBuilder()
            .redisClient(redis)
            .keyPrefix("jetcache:")
            .keyConvertor(Object::toString)
            .valueEncoder(value -> ItemHolders.bytes(value))
            .valueDecoder(bytes -> ItemHolders.value(bytes))
            .expireAfterWrite(setting.ttl().toMillis(), TimeUnit.MILLISECONDS)
            .loader(loader)
            .cachePenetrateProtect(true)
            .buildCache();
  }

  @Override
  public Item read(int id) {
    return cache.get(id);
  }

  @Override
  public void changed(Item item) {
    cache.remove(item.id());
  }

  @Override
  public void close() {
    cache.close();
    redis.shutdown();
  }
}
