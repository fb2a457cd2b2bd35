package io.tidemark.bench.contestants;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.CacheLoader;
import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** JetCache's remote cache: callers of one process share a load. */
final class JetCache implements Contestant {
  private final RedisClient redis;
  private final Cache<Integer, Item> cache;
  private final Source source;

  JetCache(Setting setting) {
    RedisURI address = RedisURI.create("redis://" + setting.redis());
    address.setTimeout(Patience.LIMIT);
    this.redis = RedisClient.create(address);
    this.source = setting.source();
    CacheLoader<Integer, Item> loader = source::load;
    this.cache =
        RedisLettuceCacheBuilder.createRedisLettuceCacheBuilder()
            .redisClient(redis)
            .asyncResultTimeoutInMillis(Patience.millis())
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
  public Map<Integer, Item> readAll(Set<Integer> ids) {
    return cache.getAll(ids);
  }

  @Override
  public void drop(int id) {
    cache.remove(id);
  }

  @Override
  public void update(Item item) throws Exception {
    source.save(item);
    cache.put(item.id(), item);
  }

  @Override
  public void close() {
    cache.close();
    redis.shutdown();
  }
}
