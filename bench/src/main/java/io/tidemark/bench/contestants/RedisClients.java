package io.tidemark.bench.contestants;

import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/** Clients of Redis that no standstill of the machine disturbs. */
public final class RedisClients {
  private RedisClients() {}

  /**
   * Makes a client, which the caller closes.
   *
   * @param address {@code host:port}
   * @param connections the most that it opens; it keeps them
   */
  public static RedisClient connect(String address, int connections) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(connections);
    pool.setMaxIdle(connections);
    return RedisClient.builder()
        .hostAndPort(HostAndPort.from(address))
        .poolConfig(pool)
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(Patience.millis()).build())
        .build();
  }
}
