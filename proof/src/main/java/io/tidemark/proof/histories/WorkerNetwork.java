package io.tidemark.proof.histories;

import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.TcpProxy;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The network between one worker and the servers, which can be broken. Thread-safe. */
final class WorkerNetwork implements AutoCloseable {
  private final List<TcpProxy> redis;
  private final RedisWays redisWays;
  private final List<TcpProxy> lockServers;
  private final List<TcpProxy> zookeeper;
  private final TcpProxy postgres;

  WorkerNetwork(
      List<ZooKeeperServer> zookeeperServers,
      FleetRedis redis,
      List<Integer> lockServerPorts,
      int postgresPort) {
    this.redis =
        redis.numbers().stream().map(number -> TcpProxy.to(redis.nodes().port(number))).toList();
    this.redisWays = redis.ways(this.redis.stream().map(TcpProxy::port).toList());
    this.lockServers = lockServerPorts.stream().map(TcpProxy::to).toList();
    this.zookeeper =
        zookeeperServers.stream().map(server -> TcpProxy.to(server.clientPort())).toList();
    this.postgres = TcpProxy.to(postgresPort);
  }

  /** The ways to Redis, and to those that have locks only. */
  List<TcpProxy> redis() {
    return Stream.concat(redis.stream(), lockServers.stream()).toList();
  }

  /** The way to a node of Redis; numbers begin at 1. */
  TcpProxy redis(int number) {
    return redis.get(number - 1);
  }

  /** The ways to the three servers of ZooKeeper. */
  List<TcpProxy> zookeeper() {
    return zookeeper;
  }

  TcpProxy postgres() {
    return postgres;
  }

  RedisWays redisWays() {
    return redisWays;
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
