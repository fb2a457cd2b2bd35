package io.tidemark.proof.histories;

import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.Loopback;
import io.tidemark.servers.RedisCluster;
import io.tidemark.servers.RedisNodes;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.RedisSentinel;
import io.tidemark.servers.SingleRedis;
import io.tidemark.testkit.FreePort;
import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/**
 * The Redis of a fleet. Each node announces a way to itself that can be broken: its replica and the
 * Sentinel take it, and the workers have ways of their own. Thread-safe.
 */
final class FleetRedis implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;

  private final RedisKind kind;
  private final RedisNodes nodes;
  private final List<TcpProxy> entrances;
  private final int sentinelPort;

  private FleetRedis(RedisKind kind, RedisNodes nodes, List<TcpProxy> entrances, int sentinelPort) {
    this.kind = kind;
    this.nodes = nodes;
    this.entrances = entrances;
    this.sentinelPort = sentinelPort;
  }

  /** Starts it, and returns when it listens. */
  static FleetRedis start(ProcessGroup group, RedisProgram program, RedisKind kind)
      throws IOException, InterruptedException {
    int sentinelPort = FreePort.any();
    if (kind == RedisKind.SINGLE) {
      SingleRedis single = SingleRedis.start(group, program, FreePort.any());
      return new FleetRedis(kind, single, List.of(), sentinelPort);
    }
    int count = kind == RedisKind.CLUSTER ? RedisCluster.NODES : RedisSentinel.NODES;
    List<Integer> ports =
        Stream.generate(FreePort::any)
            .filter(port -> Loopback.isFree(port + RedisCluster.BUS_DISTANCE))
            .limit(count)
            .toList();
    List<TcpProxy> entrances = ports.stream().map(TcpProxy::to).toList();
    List<Integer> announced = entrances.stream().map(TcpProxy::port).toList();
    RedisNodes nodes =
        kind == RedisKind.CLUSTER
            ? RedisCluster.startBounded(group, program, ports, announced)
            : RedisSentinel.start(group, program, ports, announced, sentinelPort);
    return new FleetRedis(kind, nodes, entrances, sentinelPort);
  }

  RedisKind kind() {
    return kind;
  }

  RedisNodes nodes() {
    return nodes;
  }

  /** The numbers of the nodes. */
  List<Integer> numbers() {
    return IntStream.rangeClosed(1, nodes.count()).boxed().toList();
  }

  /** The way to a node that it announces. */
  TcpProxy entrance(int number) {
    return entrances.get(number - 1);
  }

  int sentinelPort() {
    return sentinelPort;
  }

  /** The ways of a worker that has a network of its own to each node. */
  RedisWays ways(List<Integer> ownPorts) {
    if (kind == RedisKind.SINGLE) {
      return new RedisWays(kind, ownPorts, Map.of());
    }
    Map<Integer, Integer> ways = new TreeMap<>();
    for (int i = 0; i < entrances.size(); i++) {
      ways.put(entrances.get(i).port(), ownPorts.get(i));
    }
    List<Integer> seeds =
        kind == RedisKind.SENTINEL ? List.of(sentinelPort) : List.copyOf(ways.keySet());
    return new RedisWays(kind, seeds, ways);
  }

  /** A client of a node past the network that can break; the caller closes it. */
  RedisClient client(int number) {
    return client(nodes.port(number), PATIENCE_MILLIS);
  }

  static RedisClient client(int port, int patienceMillis) {
    return RedisClient.builder()
        .hostAndPort("127.0.0.1", port)
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(patienceMillis).build())
        .build();
  }

  /** Takes the network between the nodes down; they are the group's to end. */
  @Override
  public void close() {
    entrances.forEach(TcpProxy::close);
  }
}
