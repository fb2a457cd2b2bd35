package io.tidemark.spring.redis;

import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.redis.RedisAddress.Defaults;
import io.tidemark.spring.redis.RedisAddress.Login;
import io.tidemark.spring.redis.RedisAddress.Sentinels;
import io.tidemark.spring.redis.RedisAddress.Topology;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Cluster;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Node;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Sentinel;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Standalone;
import org.springframework.boot.data.redis.autoconfigure.DataRedisProperties;
import redis.clients.jedis.HostAndPort;

/**
 * Reads the address that Spring Boot has for its own clients: {@code spring.data.redis}, or what a
 * test container or a service binding gives.
 */
final class BootAddress {
  private final DataRedisConnectionDetails details;
  private final DataRedisProperties properties;

  BootAddress(DataRedisConnectionDetails details, DataRedisProperties properties) {
    this.details = details;
    this.properties = properties;
  }

  RedisAddress get() {
    Sentinel sentinel = details.getSentinel();
    if (sentinel != null) {
      return address(
          Topology.SENTINELS,
          nodes(sentinel.getNodes()),
          sentinel.getDatabase(),
          new Sentinels(
              sentinel.getMaster(), new Login(sentinel.getUsername(), sentinel.getPassword())));
    }
    Cluster cluster = details.getCluster();
    if (cluster != null) {
      return address(Topology.CLUSTER, nodes(cluster.getNodes()), 0, null);
    }
    Standalone server = details.getStandalone();
    if (server == null || details.getMasterReplica() != null) {
      throw new SetupException(
          "Spring Boot's connection to Redis is neither to one server nor to a cluster nor through"
              + " Sentinels.",
          "Set tidemark.redis.host to the primary: caches read where they write.");
    }
    return address(
        Topology.SERVER,
        Set.of(new HostAndPort(server.getHost(), server.getPort())),
        server.getDatabase(),
        null);
  }

  private RedisAddress address(
      Topology topology, Set<HostAndPort> nodes, int database, @Nullable Sentinels sentinels) {
    return new RedisAddress(
        topology,
        nodes,
        new Login(details.getUsername(), details.getPassword()),
        database,
        details.getSslBundle() != null,
        details.getSslBundle(),
        sentinels,
        new Defaults(
            properties.getConnectTimeout(), properties.getTimeout(), properties.getClientName()));
  }

  private static Set<HostAndPort> nodes(List<Node> nodes) {
    Set<HostAndPort> addresses = new LinkedHashSet<>();
    nodes.forEach(node -> addresses.add(new HostAndPort(node.host(), node.port())));
    return addresses;
  }
}
