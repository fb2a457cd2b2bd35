package io.tidemark.redis;

import io.tidemark.spi.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.Pool;

/**
 * The connection pools of a client, one per server, as far as the client exposes them. Thread-safe.
 */
final class ClientPools {
  private static final Logger LOG = LoggerFactory.getLogger(ClientPools.class);

  private final UnifiedJedis jedis;

  ClientPools(UnifiedJedis jedis) {
    this.jedis = jedis;
  }

  /** Whether the client exposes its pools. */
  boolean areShown() {
    return jedis instanceof RedisClient
        || jedis instanceof RedisSentinelClient
        || jedis instanceof RedisClusterClient;
  }

  /** Whether the client is known to be closed. */
  boolean areClosed() {
    Collection<? extends Pool<Connection>> pools = pools();
    return !pools.isEmpty() && pools.stream().allMatch(Pool::isClosed);
  }

  /**
   * Runs idempotent commands, and runs them once more if a connection broke: it may have been idle
   * since before the server restarted.
   *
   * @throws JedisException as Jedis does
   */
  <T> T repeating(Supplier<T> commands) {
    try {
      return commands.get();
    } catch (JedisException e) {
      if (!dropBroken(e)) {
        throw e;
      }
      LOG.debug("a connection to Redis broke; trying once more with a new one", e);
      return commands.get();
    }
  }

  /** Runs commands likewise, without an answer. */
  void repeating(Runnable commands) {
    Object unused =
        repeating(
            () -> {
              commands.run();
              return "";
            });
  }

  /**
   * Closes the idle connections if one broke or fell silent: all of them are then likely to be
   * broken, or forgotten by a firewall, and would each fail a call. Connections in use are left
   * alone. In a cluster, a silent connection closes none, because it does not tell which server
   * fell silent, and the connections to the others are good.
   *
   * @return whether a connection broke, so that an idempotent command may be repeated on a new one
   */
  boolean dropBroken(JedisException failure) {
    boolean isBroken = ConnectionFailures.isBroken(failure);
    Collection<? extends Pool<Connection>> pools = pools();
    if (isBroken || (ConnectionFailures.isSilent(failure) && pools.size() == 1)) {
      pools.forEach(Pool::clear);
    }
    return isBroken;
  }

  /**
   * Opens a connection to one of the servers, with the client's options but outside its pool, so
   * that keeping it takes none from the client's users.
   *
   * @throws JedisException if no server is reached, or the client was closed
   */
  Connection newConnection() {
    List<? extends Pool<Connection>> open =
        pools().stream().filter(pool -> !pool.isClosed()).toList();
    if (open.isEmpty()) {
      throw new JedisException("the client is closed");
    }
    return made(open.get(ThreadLocalRandom.current().nextInt(open.size())));
  }

  private static Connection made(Pool<Connection> pool) {
    try {
      return pool.getFactory().makeObject().getObject();
    } catch (JedisException e) {
      throw e;
    } catch (Exception e) {
      throw new JedisConnectionException("no connection could be made", e);
    }
  }

  /** The limits of the pool, for the message to a caller without a connection; empty if unknown. */
  String limits() {
    return pools().stream()
        .findFirst()
        .map(pool -> " (maxTotal %d, maxWait %s)".formatted(pool.getMaxTotal(), wait(pool)))
        .orElse("");
  }

  /**
   * Checks the options of the pools.
   *
   * @param leastConnections how many their user may need at once
   * @param user the name of that user in findings
   */
  List<Finding> check(int leastConnections, String user) {
    List<Finding> findings = new ArrayList<>();
    // All pools of a client have the same options.
    for (Pool<Connection> pool : pools().stream().limit(1).toList()) {
      if (pool.getBlockWhenExhausted() && pool.getMaxWaitDuration().isNegative()) {
        findings.add(
            Finding.warning(
                "Jedis pool maxWait",
                "it is endless, so that a call may wait for a connection for ever",
                "set it to a tenth of the cache's deadline"));
      }
      if (isAnswerAwaitedForEver(pool)) {
        findings.add(
            Finding.warning(
                "Jedis socket timeout",
                "it is endless, so that a server which falls silent keeps a call for ever",
                "set it to a tenth of the cache's deadline"));
      }
      int most = pool.getMaxTotal();
      if (most >= 0 && most < leastConnections) {
        findings.add(
            Finding.warning(
                "Jedis pool maxTotal",
                "it is %d, and %s use up to %d connections at once: calls wait for each other"
                    .formatted(most, user, leastConnections),
                "set it to what all users of the client need together, or give them clients of"
                    + " their own"));
      }
    }
    return findings;
  }

  /** Asks a new connection. If none can be made, another check reports it. */
  private static boolean isAnswerAwaitedForEver(Pool<Connection> pool) {
    try (Connection connection = made(pool)) {
      return connection.getSoTimeout() == 0;
    } catch (JedisException e) {
      return false;
    }
  }

  private static String wait(Pool<Connection> pool) {
    Duration wait = pool.getMaxWaitDuration();
    if (!pool.getBlockWhenExhausted()) {
      return "none";
    }
    return wait.isNegative() ? "endless" : wait.toString();
  }

  private Collection<? extends Pool<Connection>> pools() {
    if (jedis instanceof RedisClient client) {
      return List.of(client.getPool());
    }
    if (jedis instanceof RedisSentinelClient client) {
      return Providers.pools(client);
    }
    return jedis instanceof RedisClusterClient client
        ? client.getClusterNodes().values()
        : List.of();
  }
}
