package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Session;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.client.ZooKeeperSessions;
import io.tidemark.demo.services.ServerAddresses;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import io.tidemark.servers.RedisCluster;
import java.io.IOException;
import java.net.http.HttpClient;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * What the acts play on: the fleet, and the launcher's own connections to the servers. The
 * processes belong to the {@link ProcessGroup}; closing the stage closes the connections.
 */
final class DemoStage implements AutoCloseable {
  /** Callers in each process. */
  static final int CALLERS = 25;

  /** How long every load takes. */
  static final Duration DB_LATENCY = Duration.ofMillis(100);

  /**
   * How long the callers, and the nodes on their behalf, wait for anything: a machine that is slow
   * or stands still does not decide an act.
   */
  static final Duration PATIENCE = Duration.ofMinutes(5);

  /** The callers' own answer comes first. */
  private static final Duration TIMEOUT = PATIENCE.plusMinutes(1);

  private static final Duration SESSION_TIMEOUT = Duration.ofMinutes(1);
  private static final long LAST_PRODUCT = 100;
  private static final int NODE_HEAP_MEGABYTES = 96;
  private static final JavaProgram TIDEMARK = ThisJvm.program("io.tidemark.demo.Tidemark");
  private static final Duration AWAIT_LIMIT = Duration.ofMinutes(3);
  private static final int POLL_MILLIS = 10;

  private final List<NodeProcess> nodes;
  private final NodeProcess plainLoader;
  private final NodeProcess plainReader;
  private final DatabaseView database;
  private final ServerAddresses servers;
  private final UnifiedJedis redis;
  private final Optional<RedisCluster> cluster;
  private final Consumer<String> waits;

  private DemoStage(
      List<NodeProcess> nodes,
      NodeProcess plainLoader,
      NodeProcess plainReader,
      DatabaseView database,
      ServerAddresses servers,
      UnifiedJedis redis,
      Optional<RedisCluster> cluster,
      Consumer<String> waits) {
    this.nodes = nodes;
    this.plainLoader = plainLoader;
    this.plainReader = plainReader;
    this.database = database;
    this.servers = servers;
    this.redis = redis;
    this.cluster = cluster;
    this.waits = waits;
  }

  /**
   * Starts nodes, and returns at once. They can be started before their servers: while PostgreSQL
   * is being unpacked, there is a processor for them.
   */
  static List<CompletableFuture<ReadyChild>> startNodes(
      ProcessGroup group, ServerAddresses servers, int processes)
      throws IOException, InterruptedException {
    List<CompletableFuture<ReadyChild>> starting = new ArrayList<>();
    for (int number = 1; number <= processes; number++) {
      starting.add(
          group.startJava(
              "node " + number, NODE_HEAP_MEGABYTES, TIDEMARK, patientArguments(servers)));
    }
    starting.add(
        group.startJava("plain loader", NODE_HEAP_MEGABYTES, TIDEMARK, plainArguments(servers)));
    starting.add(
        group.startJava("plain reader", NODE_HEAP_MEGABYTES, TIDEMARK, plainArguments(servers)));
    return starting;
  }

  /**
   * Waits for the nodes, and connects. On failure the group still has what was started.
   *
   * @param waits is told what the stage waits for, whenever it does
   */
  static DemoStage raise(
      ProcessGroup group,
      ServerAddresses servers,
      Optional<RedisCluster> cluster,
      List<CompletableFuture<ReadyChild>> starting,
      Consumer<String> waits)
      throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    List<NodeProcess> nodes = new ArrayList<>();
    for (CompletableFuture<ReadyChild> node : starting) {
      ReadyChild ready = group.await(node);
      String url = NodeClient.urlOf(ready.readyLine());
      nodes.add(new NodeProcess(ready.child(), new NodeClient(http, url, TIMEOUT)));
    }
    NodeProcess plainReader = nodes.remove(nodes.size() - 1);
    NodeProcess plainLoader = nodes.remove(nodes.size() - 1);
    DatabaseView database = DatabaseView.open(servers.jdbcUrl());
    return new DemoStage(
        List.copyOf(nodes),
        plainLoader,
        plainReader,
        database,
        servers,
        redisClient(servers),
        cluster,
        waits);
  }

  private static UnifiedJedis redisClient(ServerAddresses servers) {
    JedisClientConfig config =
        DefaultJedisClientConfig.builder().timeoutMillis((int) AWAIT_LIMIT.toMillis()).build();
    Set<HostAndPort> nodes =
        Arrays.stream(servers.redis().split(",", -1))
            .map(HostAndPort::from)
            .collect(Collectors.toSet());
    return servers.isCluster()
        ? RedisClusterClient.builder().nodes(nodes).clientConfig(config).build()
        : RedisClient.builder().hostAndPort(nodes.iterator().next()).clientConfig(config).build();
  }

  /** The fleet. */
  List<NodeProcess> nodes() {
    return nodes;
  }

  /** One process of the fleet, from 1. */
  NodeProcess node(int number) {
    return nodes.get(number - 1);
  }

  /**
   * A process beside the fleet, started with the client of {@code docs/operations.md} and every
   * default. It may die.
   */
  NodeProcess plainLoader() {
    return plainLoader;
  }

  /** Another one, which lives. */
  NodeProcess plainReader() {
    return plainReader;
  }

  /** The database, uncounted. */
  DatabaseView database() {
    return database;
  }

  /** Redis. */
  UnifiedJedis redis() {
    return redis;
  }

  /** The nodes of Redis, on a fleet. */
  RedisCluster cluster() {
    return cluster.orElseThrow();
  }

  /** Where the database is. */
  String jdbcUrl() {
    return servers.jdbcUrl();
  }

  /** Which versions of everything play. */
  Map<String, String> versions() throws Exception {
    return Versions.ask(servers.zookeeper(), redis, database);
  }

  /** Loses a product's slot, as Redis does when its memory is full. */
  void evict(long id) {
    redis.del("tidemark:products:" + id);
  }

  /** Ends a node's ZooKeeper session at once; see {@link ZooKeeperSessions#end}. */
  void endSession(Session session) throws Exception {
    ZooKeeperSessions.end(servers.zookeeper(), session, AWAIT_LIMIT);
  }

  /** A condition on what the servers and the nodes say. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws Exception;
  }

  /** Waits until a process can load. */
  void awaitAbleToLoad(NodeProcess node) throws Exception {
    await(node.name() + " can load", () -> NodeClient.await(node.http().canLoad(LAST_PRODUCT)));
  }

  /** Watches the holder of a product's lock from now on. */
  LockWatch watchLock(long id) throws Exception {
    return LockWatch.open(servers.zookeeper(), "/tidemark/products/locks/" + id, AWAIT_LIMIT);
  }

  /** What is to be done whatever happened. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }

  /** Does what is to be done after a failure, which stays the one that counts. */
  static void addingFailure(Exception first, Step step) {
    try {
      step.run();
    } catch (Exception e) {
      first.addSuppressed(e);
    }
  }

  /**
   * Waits until a condition holds.
   *
   * @throws TimeoutException if it does not within {@code AWAIT_LIMIT}
   */
  void await(String what, Condition condition) throws Exception {
    waits.accept(what);
    long end = System.nanoTime() + AWAIT_LIMIT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() >= end) {
        throw new TimeoutException(
            "waited %d s in vain until %s".formatted(AWAIT_LIMIT.toSeconds(), what));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /**
   * Waits until every node can load: who lost its ZooKeeper session in one act, and notices only
   * when it needs it, has a new one before the next.
   */
  void awaitAbleToLoad() throws Exception {
    Map<NodeProcess, CompletableFuture<Boolean>> asked = new LinkedHashMap<>();
    for (NodeProcess node : nodes) {
      asked.put(node, node.http().canLoad(LAST_PRODUCT - asked.size()));
    }
    long id = LAST_PRODUCT;
    for (Map.Entry<NodeProcess, CompletableFuture<Boolean>> entry : asked.entrySet()) {
      NodeProcess node = entry.getKey();
      long probed = id--;
      if (!NodeClient.await(entry.getValue())) {
        await(node.name() + " can load", () -> NodeClient.await(node.http().canLoad(probed)));
      }
    }
  }

  /**
   * Waits until loads have read their rows, and are held.
   *
   * @param node whose loads
   * @param hold where
   * @param loads how many
   * @param answer of who caused the loads; if it fails, so does the wait
   */
  void awaitHeld(NodeProcess node, String hold, int loads, CompletableFuture<?> answer)
      throws Exception {
    await(
        "%s holds %d loads".formatted(node.name(), loads),
        () -> {
          if (answer.isCompletedExceptionally()) {
            NodeClient.await(answer);
          }
          return node.http().waiting(hold) == loads;
        });
  }

  @Override
  public void close() throws SQLException {
    try (redis) {
      database.close();
    }
  }

  /** Where the servers are, and nothing else: each option has its default. */
  private static List<String> plainArguments(ServerAddresses servers) {
    List<String> arguments = new ArrayList<>(List.of("node", "--http-port", "0"));
    arguments.addAll(servers.nodeOptions());
    arguments.add("--exit-with-parent");
    return arguments;
  }

  private static List<String> patientArguments(ServerAddresses servers) {
    List<String> arguments = new ArrayList<>(plainArguments(servers));
    Collections.addAll(
        arguments,
        "--session-timeout",
        SESSION_TIMEOUT.toMillis() + "ms",
        "--wait",
        PATIENCE.toMillis() + "ms",
        "--db-latency",
        DB_LATENCY.toMillis() + "ms",
        "--stage",
        "rehearsal");
    return arguments;
  }
}
