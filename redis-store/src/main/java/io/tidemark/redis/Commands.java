package io.tidemark.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Sends single commands over the connections of a client. In a cluster they follow MOVED and ASK,
 * which prove that nothing ran; apart from that each is sent at most once, however many attempts
 * the client would make. Failures carry their {@link Way}. Immutable and thread-safe.
 *
 * <p>The executor of a client counts a redirection as one of its attempts, and makes further ones
 * after a lost reply as well. So one attempt is too few where hash slots move, and several are too
 * many for a script. Clients of other kinds, which may do more than to keep connections, send the
 * commands by themselves.
 */
final class Commands {
  private final UnifiedJedis jedis;

  /** Where there is one server. */
  private final @Nullable ConnectionProvider connections;

  private final @Nullable Topology topology;

  Commands(UnifiedJedis jedis) {
    this.jedis = jedis;
    this.topology = sendOnceWith(jedis) ? Topology.of(jedis) : null;
    this.connections = sendOnceWith(jedis) && topology == null ? Providers.of(jedis) : null;
  }

  /** Whether a command of this client is sent at most once. */
  static boolean sendOnceWith(UnifiedJedis jedis) {
    return jedis instanceof RedisClient
        || jedis instanceof RedisSentinelClient
        || jedis instanceof RedisClusterClient;
  }

  /**
   * Sends a command for a key.
   *
   * @return the reply as Jedis reads it: a number, bytes, or a list of such; null for nil
   * @throws JedisException as Jedis does, or {@link NotSentException}
   */
  @Nullable Object send(byte[] key, CommandArguments command) {
    return isDirect()
        ? over(key, (connection, asks) -> exchanged(connection, asks, command))
        : jedis.executeCommand(command);
  }

  /**
   * Sends a command for a key, and others that are to run on the same server, over one connection
   * in one round trip. If the first is redirected, all are sent there, so the others must change
   * nothing, and they must name no key. A client of another kind sends them one after the other.
   *
   * @return a reply for each, which may be a {@link JedisDataException} except for the first
   * @throws JedisException if the first failed, or the connection did
   */
  List<@Nullable Object> sendTogether(byte[] key, List<CommandArguments> commands) {
    List<@Nullable Object> replies = new ArrayList<>(commands.size());
    if (isDirect()) {
      over(
          key,
          (connection, asks) -> {
            replies.addAll(exchanged(connection, asks, commands));
            return null;
          });
      return replies;
    }
    for (CommandArguments command : commands) {
      try {
        replies.add(jedis.executeCommand(command));
      } catch (JedisDataException e) {
        if (replies.isEmpty()) {
          throw e;
        }
        replies.add(e);
      }
    }
    return replies;
  }

  /** Whether the keys belong to several servers, and may move. */
  boolean areForCluster() {
    return topology != null;
  }

  private boolean isDirect() {
    return topology != null || connections != null;
  }

  /** Sends over a connection and reads the replies, or throws what a server refused. */
  private interface Exchange {
    @Nullable Object with(Connection connection, boolean asks);
  }

  private @Nullable Object over(byte[] key, Exchange exchange) {
    if (topology != null) {
      return over(topology, JedisClusterCRC16.getSlot(key), exchange);
    }
    Connection connection = Objects.requireNonNull(connections).getConnection();
    try {
      return exchange.with(connection, false);
    } finally {
      Pipelines.giveBack(connection);
    }
  }

  private static @Nullable Object over(Topology topology, int hashSlot, Exchange exchange) {
    HostAndPort first = topology.server(hashSlot);
    Route route = null;
    while (true) {
      JedisException failure;
      Connection connection = null;
      try {
        connection = route == null ? topology.connection(hashSlot) : route.connection();
        return exchange.with(connection, route != null && route.isAsking());
      } catch (JedisException e) {
        failure = e;
        if (connection != null && e instanceof JedisMovedDataException) {
          topology.renew(connection);
        }
      } finally {
        if (connection != null) {
          Pipelines.giveBack(connection);
        }
      }
      if (route == null) {
        route = new Route(topology, hashSlot, first);
      }
      goOn(topology, route, failure);
    }
  }

  private static void goOn(Topology topology, Route route, JedisException failure) {
    if (Route.isServerLost(failure)) {
      topology.renewWithout(route.server());
    }
    if (!route.leadsOn(failure)) {
      throw route.ended(failure);
    }
    route.pause();
  }

  private static @Nullable Object exchanged(
      Connection connection, boolean asks, CommandArguments command) {
    return asks
        ? exchanged(connection, true, List.of(command)).get(0)
        : connection.executeCommand(command);
  }

  private static List<@Nullable Object> exchanged(
      Connection connection, boolean asks, List<CommandArguments> commands) {
    int before = asks ? 1 : 0;
    boolean isRead = false;
    List<@Nullable Object> replies;
    try {
      if (asks) {
        connection.sendCommand(Protocol.Command.ASKING);
      }
      commands.forEach(connection::sendCommand);
      replies = connection.getMany(before + commands.size());
      isRead = true;
    } finally {
      if (!isRead) {
        // Replies may be left, which the next user of the connection would read.
        connection.setBroken();
      }
    }
    if (replies.get(before) instanceof JedisDataException refusal) {
      throw asks ? refusalAfterAsking(replies.get(0), refusal) : refusal;
    }
    return replies.subList(before, replies.size());
  }

  /** A server that refused ASKING sends the command away, which would not tell why. */
  static JedisDataException refusalAfterAsking(@Nullable Object asked, JedisDataException refusal) {
    return asked instanceof JedisDataException reason
            && refusal instanceof JedisRedirectionException
        ? reason
        : refusal;
  }
}
