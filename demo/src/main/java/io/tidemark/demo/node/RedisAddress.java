package io.tidemark.demo.node;

import java.util.List;
import java.util.stream.Collectors;
import redis.clients.jedis.HostAndPort;

/**
 * Where Redis is. Immutable.
 *
 * @param nodes the server, or some nodes of a cluster, which name the others
 * @param isCluster whether it is a cluster
 */
record RedisAddress(List<HostAndPort> nodes, boolean isCluster) {
  RedisAddress {
    nodes = List.copyOf(nodes);
  }

  static RedisAddress of(HostAndPort server) {
    return new RedisAddress(List.of(server), false);
  }

  static RedisAddress ofCluster(List<HostAndPort> nodes) {
    return new RedisAddress(nodes, true);
  }

  @Override
  public String toString() {
    return nodes.stream().map(HostAndPort::toString).collect(Collectors.joining(","));
  }
}
