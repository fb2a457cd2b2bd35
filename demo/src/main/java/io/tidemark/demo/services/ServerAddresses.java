package io.tidemark.demo.services;

import java.util.ArrayList;
import java.util.List;

/**
 * Where servers are, as their clients take it. Immutable.
 *
 * @param zookeeper ZooKeeper's addresses, {@code host:port[,...]}
 * @param redis Redis' address, or those of a cluster, likewise
 * @param isCluster whether Redis is a cluster
 * @param jdbcUrl the database that holds the products
 */
public record ServerAddresses(String zookeeper, String redis, boolean isCluster, String jdbcUrl) {
  /** The options by which a node is told. */
  public List<String> nodeOptions() {
    return new ArrayList<>(
        List.of(
            "--zookeeper",
            zookeeper,
            isCluster ? "--redis-cluster" : "--redis",
            redis,
            "--jdbc",
            jdbcUrl));
  }
}
