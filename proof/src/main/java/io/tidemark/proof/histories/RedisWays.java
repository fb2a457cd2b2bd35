package io.tidemark.proof.histories;

import io.tidemark.servers.RedisSentinel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * How a worker gets to Redis. Immutable.
 *
 * @param kind what Redis
 * @param seeds the ports that a client is built with: of the server, the Sentinel, or the nodes
 * @param ways the ports where this worker reaches the nodes, by those that the nodes announce
 */
record RedisWays(RedisKind kind, List<Integer> seeds, Map<Integer, Integer> ways) {
  private static final int CONNECTIONS = 12;

  /** A client with the patience of a worker, which the caller closes. */
  UnifiedJedis open(WorkerSetup setup) {
    return switch (kind) {
      case SINGLE -> single(seeds.get(0), setup);
      case SENTINEL ->
          RedisSentinelClient.builder()
              .masterName(RedisSentinel.MASTER)
              .sentinels(addresses())
              .clientConfig(config(setup, ways))
              .poolConfig(pool(setup))
              .build();
      case CLUSTER ->
          RedisClusterClient.builder()
              .nodes(addresses())
              .clientConfig(config(setup, ways))
              .poolConfig(pool(setup))
              .build();
    };
  }

  /** A client of one server. */
  static RedisClient single(int port, WorkerSetup setup) {
    return RedisClient.builder()
        .hostAndPort(address(port))
        .clientConfig(config(setup, Map.of()))
        .poolConfig(pool(setup))
        .build();
  }

  /** As an argument of a command. */
  String toArgument() {
    return Stream.of(
            kind.name(),
            joined(seeds.stream().map(Object::toString)),
            joined(ways.entrySet().stream().map(way -> way.getKey() + "=" + way.getValue())))
        .collect(Collectors.joining("/"));
  }

  static RedisWays parse(String argument) {
    String[] parts = argument.split("/", -1);
    Map<Integer, Integer> ways = new TreeMap<>();
    words(parts[2])
        .map(way -> way.split("=", -1))
        .forEach(way -> ways.put(Integer.valueOf(way[0]), Integer.valueOf(way[1])));
    List<Integer> seeds = words(parts[1]).map(Integer::valueOf).toList();
    return new RedisWays(RedisKind.valueOf(parts[0]), seeds, ways);
  }

  private static String joined(Stream<String> words) {
    return words.collect(Collectors.joining(","));
  }

  private static Stream<String> words(String text) {
    return Arrays.stream(text.split(",", -1)).filter(word -> !word.isEmpty());
  }

  private Set<HostAndPort> addresses() {
    return seeds.stream().map(RedisWays::address).collect(Collectors.toSet());
  }

  private static HostAndPort address(int port) {
    return new HostAndPort("127.0.0.1", port);
  }

  private static JedisClientConfig config(WorkerSetup setup, Map<Integer, Integer> ways) {
    return DefaultJedisClientConfig.builder()
        .timeoutMillis((int) setup.patience().toMillis())
        .hostAndPortMapper(to -> address(ways.getOrDefault(to.getPort(), to.getPort())))
        .build();
  }

  private static ConnectionPoolConfig pool(WorkerSetup setup) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(CONNECTIONS);
    pool.setMaxIdle(CONNECTIONS);
    pool.setMaxWait(setup.patience());
    pool.setJmxEnabled(false);
    return pool;
  }
}
