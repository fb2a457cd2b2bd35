package io.tidemark.bench.contestants;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/** Items in Redis by GET and SET PX, for the contestants that use Jedis directly. Thread-safe. */
final class JedisItems implements AutoCloseable {
  /** What only a hang can miss: a machine that stands still for a moment must not end a run. */
  private static final int PATIENCE_MILLIS = 60_000;

  private final RedisClient redis;
  private final String prefix;
  private final long ttlMillis;

  JedisItems(Setting setting, String prefix) {
    this.redis = client(setting);
    this.prefix = prefix;
    this.ttlMillis = setting.ttl().toMillis();
  }

  static RedisClient client(Setting setting) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(setting.connections());
    pool.setMaxIdle(setting.connections());
    return RedisClient.builder()
        .hostAndPort(HostAndPort.from(setting.redis()))
        .poolConfig(pool)
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(PATIENCE_MILLIS).build())
        .build();
  }

  RedisClient redis() {
    return redis;
  }

  @Nullable Item get(int id) {
    byte[] json = redis.get(key(id));
    return json == null ? null : Item.of(json);
  }

  void set(Item item) {
    redis.set(key(item.id()), item.json(), SetParams.setParams().px(ttlMillis));
  }

  void delete(int id) {
    redis.del(key(id));
  }

  private byte[] key(int id) {
    return (prefix + id).getBytes(UTF_8);
  }

  @Override
  public void close() {
    redis.close();
  }
}
