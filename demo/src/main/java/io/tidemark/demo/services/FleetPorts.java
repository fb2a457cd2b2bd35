package io.tidemark.demo.services;

import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RedisCluster;
import io.tidemark.servers.ZooKeeperServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where the servers of a fleet listen on 127.0.0.1. Immutable.
 *
 * @param zookeeper those of the ensemble, {@link ZooKeeperServer#PORTS_EACH} for each server
 * @param redis those of the cluster's nodes
 * @param postgres PostgreSQL's port
 */
public record FleetPorts(List<Integer> zookeeper, List<Integer> redis, int postgres) {
  /** Copies the lists. */
  public FleetPorts {
    zookeeper = List.copyOf(zookeeper);
    redis = List.copyOf(redis);
  }

  /** Free ones. */
  public static FleetPorts free() throws IOException {
    FreePorts ports = new FreePorts();
    List<Integer> redis = new ArrayList<>();
    for (int node = 0; node < RedisCluster.NODES; node++) {
      redis.add(ports.nextOfTwo(RedisCluster.BUS_DISTANCE));
    }
    List<Integer> zookeeper = new ArrayList<>();
    while (zookeeper.size() < ZooKeeperServer.ENSEMBLE * ZooKeeperServer.PORTS_EACH) {
      zookeeper.add(ports.next());
    }
    return new FleetPorts(zookeeper, redis, ports.next());
  }

  /** The same, as clients take it. */
  public ServerAddresses addresses() {
    List<Integer> clientPorts = new ArrayList<>();
    for (int first = 0; first < zookeeper.size(); first += ZooKeeperServer.PORTS_EACH) {
      clientPorts.add(zookeeper.get(first));
    }
    return new ServerAddresses(
        addresses(clientPorts), addresses(redis), true, PostgresProgram.jdbcUrl(postgres));
  }

  private static String addresses(List<Integer> ports) {
    return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }
}
