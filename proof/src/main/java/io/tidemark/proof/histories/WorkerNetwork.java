package io.tidemark.proof.histories;

import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.TcpProxy;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The network between one worker and the servers, which can be broken. Thread-safe. */
final class WorkerNetwork implements AutoCloseable {
  private final TcpProxy redis;
  private final List<TcpProxy> lockServers;
  private final List<TcpProxy> zookeeper;
  private final TcpProxy postgres;

  WorkerNetwork(
      List<ZooKeeperServer> zookeeperServers,
      int redisPort,
      List<Integer> lockServerPorts,
      int postgresPort) {
    this.redis = TcpProxy.to(redisPort);
    this.lockServers = lockServerPorts.stream().map(TcpProxy::to).toList();
    this.zookeeper =
        zookeeperServers.stream().map(server -> TcpProxy.to(server.clientPort())).toList();
    this.postgres = TcpProxy.to(postgresPort);
  }

  /** The ways to Redis, and to those that have locks only. */
  List<TcpProxy> redis() {
    return Stream.concat(Stream.of(redis), lockServers.stream()).toList();
  }

  /** The ways to the three servers of ZooKeeper. */
  List<TcpProxy> zookeeper() {
    return zookeeper;
  }

  TcpProxy postgres() {
    return postgres;
  }

  int redisPort() {
    return redis.port();
  }

  List<Integer> lockServerPorts() {
    return lockServers.stream().map(TcpProxy::port).toList();
  }

  /** Where the servers of ZooKeeper are, as a client takes it. */
  String zookeeperAddresses() {
    return zookeeper.stream().map(TcpProxy::address).collect(Collectors.joining(","));
  }

  /** Resets the connections. */
  @Override
  public void close() {
    redis().forEach(TcpProxy::close);
    zookeeper.forEach(TcpProxy::close);
    postgres.close();
  }
}
