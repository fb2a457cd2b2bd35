package io.tidemark.bench.contestants;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.cache.RedisCacheWriter;
import org.springframework.data.redis.cache.RedisCacheWriter.RedisCacheWriterConfigurer;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.serializer.RedisSerializationContext.SerializationPair;
import org.springframework.data.redis.serializer.RedisSerializer;
import redis.clients.jedis.HostAndPort;

/**
 * What {@code @Cacheable(sync = true)} and {@code @CachePut} call. By default, writes return before
 * Redis has them, with this client: here they wait, as those of all others do.
 */
final class SpringCache implements Contestant {
  private final LettuceConnectionFactory connections;
  private final Cache cache;
  private final Source source;

  SpringCache(Setting setting) {
    HostAndPort address = HostAndPort.from(setting.redis());
    this.connections =
        new LettuceConnectionFactory(
            new RedisStandaloneConfiguration(address.getHost(), address.getPort()),
            LettuceClientConfiguration.builder().commandTimeout(Patience.LIMIT).build());
    connections.afterPropertiesSet();
    connections.start();
    RedisCacheConfiguration configuration =
        RedisCacheConfiguration.defaultCacheConfig()
            .entryTtl(setting.ttl())
            .serializeValuesWith(SerializationPair.fromSerializer(new ItemSerializer()));
    RedisCacheManager manager =
        RedisCacheManager.builder(
                RedisCacheWriter.create(connections, RedisCacheWriterConfigurer::immediateWrites))
            .cacheDefaults(configuration)
            .build();
    this.cache = Objects.requireNonNull(manager.getCache("spring"));
    this.source = setting.source();
  }

  private static final class ItemSerializer implements RedisSerializer<Item> {
    @Override
    public byte[] serialize(@Nullable Item item) {
      return item == null ? "null".getBytes(UTF_8) : item.json();
    }

    @Override
    public @Nullable Item deserialize(byte @Nullable [] bytes) {
      return bytes == null ? null : Item.of(bytes);
    }
  }

  @Override
  public Item read(int id) {
    return Objects.requireNonNull(cache.get(id, () -> source.load(id)));
  }

  @Override
  public void drop(int id) {
    cache.evict(id);
  }

  @Override
  public void update(Item item) throws Exception {
    source.save(item);
    cache.put(item.id(), item);
  }

  @Override
  public void close() {
    connections.destroy();
  }
}
