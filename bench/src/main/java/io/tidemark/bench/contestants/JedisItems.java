package io.tidemark.bench.contestants;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/** Items in Redis by GET and SET PX, for the contestants that use Jedis directly. Thread-safe. */
final class JedisItems implements AutoCloseable {
  private final RedisClient redis;
  private final String prefix;
  private final long ttlMillis;

  JedisItems(Setting setting, String prefix) {
    this.redis = client(setting);
    this.prefix = prefix;
    this.ttlMillis = setting.ttl().toMillis();
  }

  static RedisClient client(Setting setting) {
    return RedisClients.connect(setting.redis(), setting.connections());
  }

  RedisClient redis() {
    return redis;
  }

  @Nullable Item get(int id) {
    byte[] json = redis.get(key(id));
    return json == null ? null : Item.of(json);
  }

  /** Those of several items that are there. */
  Map<Integer, Item> getAll(Set<Integer> ids) {
    List<Integer> inOrder = new ArrayList<>(ids);
    List<byte[]> found = redis.mget(inOrder.stream().map(this::key).toArray(byte[][]::new));
    Map<Integer, Item> items = new HashMap<>();
    for (int i = 0; i < inOrder.size(); i++) {
      byte[] json = found.get(i);
      if (json != null) {
        items.put(inOrder.get(i), Item.of(json));
      }
    }
    return items;
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
