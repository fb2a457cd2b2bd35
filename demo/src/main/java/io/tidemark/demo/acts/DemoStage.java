package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Session;
import io.tidemark.demo.client.NodeCache;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.client.ZooKeeperSessions;
import io.tidemark.demo.services.ControlledServers;
import io.tidemark.demo.services.FleetServers;
import io.tidemark.demo.services.ServerAddresses;
import io.tidemark.demo.services.ServerName;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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
 * processes belong to the group of the command; closing the stage closes the connections.
 */
final class DemoStage implements AutoCloseable {
  /** Callers in each process. */
  static final int CALLERS = 25;

  private static final long LAST_PRODUCT = 100;
  private static final Duration AWAIT_LIMIT = Duration.ofMinutes(3);
  private static final int POLL_MILLIS = 10;

  private final StageNodes starter;
  private final StageServers servers;
  private final List<NodeProcess> nodes;
  private final DatabaseView database;
  private UnifiedJedis redis;
  private final Consumer<String> waits;

  private DemoStage(
      StageNodes starter,
      StageServers servers,
      List<NodeProcess> nodes,
      DatabaseView database,
      UnifiedJedis redis,
      Consumer<String> waits) {
    this.starter = starter;
    this.servers = servers;
    this.nodes = nodes;
    this.database = database;
    this.redis = redis;
    this.waits = waits;
  }

  /**
   * Waits for the nodes, and connects. On failure the group still has what was started.
   *
   * @param launched the nodes of the fleet, in their order
   * @param waits is told what the stage waits for, and an empty text when that is there
   */
  static DemoStage raise(
      StageNodes starter,
      StageServers servers,
      List<CompletableFuture<ReadyChild>> launched,
      Consumer<String> waits)
      throws Exception {
    List<NodeProcess> nodes = new CopyOnWriteArrayList<>();
    for (CompletableFuture<ReadyChild> node : launched) {
      nodes.add(starter.await(node));
    }
    ServerAddresses addresses = servers.addresses();
    return new DemoStage(
        starter,
        servers,
        nodes,
        DatabaseView.open(addresses.jdbcUrl()),
        redisClient(addresses),
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
    return List.copyOf(nodes);
  }

  /** One process of the fleet, from 1. */
  NodeProcess node(int number) {
    return nodes.get(number - 1);
  }

  /** Tells a process of the fleet to leave, and starts another in its place when it is gone. */
  NodeProcess restart(int number) throws IOException, InterruptedException {
    NodeProcess old = node(number);
    starter.end(old);
    NodeProcess next = starter.await(starter.launch(old.name(), StageNodes.Kind.FLEET));
    nodes.set(number - 1, next);
    return next;
  }

  /** Starts processes beside the fleet, which may die. */
  Guests invite(StageNodes.Kind kind, String... names) throws IOException, InterruptedException {
    return Guests.invite(starter, kind, names);
  }

  /** Stops and starts the servers. */
  ControlledServers servers() {
    return servers.control();
  }

  /**
   * Stops Redis while something is done, and starts it again, empty. The launcher is no client of
   * it meanwhile: its connections would only be found broken.
   */
  void withoutRedis(Step meanwhile) throws Exception {
    redis.close();
    servers().stop(ServerName.REDIS.text());
    try {
      meanwhile.run();
    } finally {
      servers().start(ServerName.REDIS.text());
      redis = redisClient(servers.addresses());
    }
  }

  /** The servers of a fleet. */
  FleetServers fleet() {
    return servers.fleet().orElseThrow();
  }

  /** The database, uncounted. */
  DatabaseView database() {
    return database;
  }

  /** Redis. */
  UnifiedJedis redis() {
    return redis;
  }

  /** Where the database is. */
  String jdbcUrl() {
    return servers.addresses().jdbcUrl();
  }

  /** Which versions of everything play. */
  Map<String, String> versions() throws Exception {
    return Versions.ask(servers.addresses().zookeeper(), redis, database);
  }

  /** Loses a product's slot, as Redis does when its memory is full. */
  void evict(long id) {
    redis.del(NodeCache.TIDEMARK.redisKey(id));
  }

  /** Ends a node's ZooKeeper session at once; see {@link ZooKeeperSessions#end}. */
  void endSession(Session session) throws Exception {
    ZooKeeperSessions.end(servers.addresses().zookeeper(), session, AWAIT_LIMIT);
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
    return LockWatch.open(
        servers.addresses().zookeeper(), "/tidemark/products/locks/" + id, AWAIT_LIMIT);
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
    waits.accept("");
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
    try {
      redis.close();
    } finally {
      database.close();
    }
  }
}
