package io.tidemark.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/** What a client knows of its cluster: the server of each hash slot. Thread-safe. */
final class Topology {
  private static final Logger LOG = LoggerFactory.getLogger(Topology.class);

  /** Of the servers that may tell the topology: each that is down takes a timeout. */
  private static final int MOST_ASKED = 2;

  private final ClusterConnectionProvider cluster;

  /** One caller asks at a time; the others do not wait for servers that may be down as well. */
  private final AtomicBoolean isAsking = new AtomicBoolean();

  private Topology(ClusterConnectionProvider cluster) {
    this.cluster = cluster;
  }

  /** Returns null if the client has no cluster. */
  static @Nullable Topology of(UnifiedJedis jedis) {
    return Providers.of(jedis) instanceof ClusterConnectionProvider cluster
        ? new Topology(cluster)
        : null;
  }

  /** The server of a hash slot; null if none is known. */
  @Nullable HostAndPort server(int hashSlot) {
    return cluster.getNode(hashSlot);
  }

  /**
   * Takes a connection to the server of a hash slot, or to any server if none is known.
   *
   * @throws JedisException as Jedis does, or {@link NotSentException}
   */
  Connection connection(int hashSlot) {
    try {
      return cluster.getConnectionFromSlot(hashSlot);
    } catch (JedisClusterOperationException e) {
      throw new NotSentException("no server of the cluster was reached", e);
    }
  }

  /**
   * Takes a connection to a server, which the client need not know yet.
   *
   * @throws JedisException as Jedis does
   */
  Connection connection(HostAndPort server) {
    return cluster.getConnection(server);
  }

  /** Learns the topology from a server over its connection, which is not in use. */
  void renew(Connection connection) {
    try {
      cluster.renewSlotCache(connection);
    } catch (JedisException e) {
      LOG.debug("no server of the cluster told its topology", e);
    }
  }

  /** Learns the topology from a server, or from any if it does not answer. */
  void renewFrom(HostAndPort server) {
    if (!isTold(server)) {
      renewWithout(server);
    }
  }

  /** Learns the topology from any server but one, which is likely to be down. */
  void renewWithout(@Nullable HostAndPort server) {
    if (isAsking.compareAndSet(false, true)) {
      try {
        askOthers(server);
      } finally {
        isAsking.set(false);
      }
    }
  }

  private void askOthers(@Nullable HostAndPort server) {
    Map<String, ConnectionPool> others = cluster.getNodes();
    List<String> names = new ArrayList<>(others.keySet());
    names.remove(String.valueOf(server));
    Collections.shuffle(names);
    for (String name : names.subList(0, Math.min(MOST_ASKED, names.size()))) {
      if (isTold(HostAndPort.from(name))) {
        return;
      }
    }
    try {
      // By the addresses that the client began with.
      cluster.renewSlotCache();
    } catch (JedisException e) {
      LOG.debug("no server of the cluster told its topology", e);
    }
  }

  private boolean isTold(HostAndPort server) {
    Connection connection;
    try {
      connection = connection(server);
    } catch (JedisException e) {
      LOG.debug("{} did not tell the topology of its cluster", server, e);
      return false;
    }
    try {
      renew(connection);
      return !connection.isBroken();
    } finally {
      Pipelines.giveBack(connection);
    }
  }
}
