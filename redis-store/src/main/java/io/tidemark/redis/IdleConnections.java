package io.tidemark.redis;

import java.util.Collection;
import java.util.List;
import redis.clients.jedis.Connection;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.util.Pool;

/** The connections of a client that wait in a pool for their next command. */
final class IdleConnections {
  private IdleConnections() {}

  /** Closes them, as far as the client shows its pools. Those in use are left alone. */
  static void drop(UnifiedJedis jedis) {
    pools(jedis).forEach(Pool::clear);
  }

  private static Collection<? extends Pool<Connection>> pools(UnifiedJedis jedis) {
    if (jedis instanceof RedisClient client) {
      return List.of(client.getPool());
    }
    if (jedis instanceof RedisSentinelClient client) {
      return client.getPrimaryNodesConnectionMap().values();
    }
    return jedis instanceof RedisClusterClient client
        ? client.getClusterNodes().values()
        : List.of();
  }
}
