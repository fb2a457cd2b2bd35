package io.tidemark.redis;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.providers.SentineledConnectionProvider;
import redis.clients.jedis.util.Pool;

/**
 * What a client can do only by the provider of its connections. Jedis 8 has methods for it, and
 * Jedis 7 has not; both give the provider to subclasses, in a protected field.
 */
final class Providers {
  private static final VarHandle PROVIDER = provider();

  private Providers() {}

  /**
   * The provider of a client.
   *
   * @return null if it was made of an executor of commands, or of a single connection
   */
  static @Nullable ConnectionProvider of(UnifiedJedis client) {
    return (ConnectionProvider) PROVIDER.get(client);
  }

  /** The pool of connections to the current master. */
  static Collection<Pool<Connection>> pools(RedisSentinelClient client) {
    return ((SentineledConnectionProvider) PROVIDER.get(client))
        .getPrimaryNodesConnectionMap()
        .values();
  }

  /** Whether a client sends commands to a cluster. */
  static boolean isOfCluster(UnifiedJedis client) {
    return of(client) instanceof ClusterConnectionProvider;
  }

  /** Takes a connection to a server of a cluster, which the client need not know yet. */
  static Connection connection(RedisClusterClient client, HostAndPort server) {
    return ((ClusterConnectionProvider) PROVIDER.get(client)).getConnection(server);
  }

  /** Lets a client ask which servers its cluster has now. */
  static void refreshTopology(RedisClusterClient client) {
    ((ClusterConnectionProvider) PROVIDER.get(client)).renewSlotCache();
  }

  private static VarHandle provider() {
    try {
      return MethodHandles.privateLookupIn(UnifiedJedis.class, MethodHandles.lookup())
          .findVarHandle(UnifiedJedis.class, "provider", ConnectionProvider.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this Jedis does not show its provider of connections; use 7.4 to 8", e);
    }
  }
}
