package io.tidemark.demo.acts;

import io.tidemark.demo.processes.ProcessGroup;
import io.tidemark.demo.processes.ProcessGroup.ReadyChild;
import io.tidemark.demo.services.Servers;
import java.io.IOException;
import java.net.http.HttpClient;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import redis.clients.jedis.RedisClient;

/**
 * What the acts play on: the fleet, and the launcher's own connections to the servers. The
 * processes belong to the {@link ProcessGroup}; closing the stage closes the connections.
 */
final class Stage implements AutoCloseable {
  /** Callers in each process. */
  static final int CALLERS = 25;

  /** How long every load takes. */
  static final Duration DB_LATENCY = Duration.ofMillis(100);

  /** How soon ZooKeeper gives a silent process up. */
  static final Duration SESSION_TIMEOUT = Duration.ofSeconds(2);

  private static final long PROBED_PRODUCT = 100;
  private static final int NODE_HEAP_MEGABYTES = 96;
  private static final Duration AWAIT_LIMIT = Duration.ofSeconds(20);
  private static final int POLL_MILLIS = 5;
  private static final Pattern READY = Pattern.compile("ready (http://\\S+) pid \\d+");

  private final List<NodeProcess> nodes;
  private final Database database;
  private final CuratorFramework curator;
  private final RedisClient redis;

  private Stage(
      List<NodeProcess> nodes, Database database, CuratorFramework curator, RedisClient redis) {
    this.nodes = nodes;
    this.database = database;
    this.curator = curator;
    this.redis = redis;
  }

  /** Starts the nodes, and connects. On failure the group still has what was started. */
  static Stage raise(ProcessGroup group, Servers servers, int processes) throws Exception {
    List<NodeProcess> nodes = startNodes(group, servers, processes);
    Database database = Database.open(servers.jdbcUrl());
    CuratorFramework curator =
        CuratorFrameworkFactory.newClient(servers.zookeeperAddress(), new RetryNTimes(3, 100));
    curator.start();
    String[] redis = servers.redisAddress().split(":", 2);
    return new Stage(
        nodes, database, curator, RedisClient.create(redis[0], Integer.parseInt(redis[1])));
  }

  /** The fleet. */
  List<NodeProcess> nodes() {
    return nodes;
  }

  /** One process of the fleet, from 1. */
  NodeProcess node(int number) {
    return nodes.get(number - 1);
  }

  /** The database, uncounted. */
  Database database() {
    return database;
  }

  /** The locks. */
  LockNodes locks() {
    return new LockNodes(curator);
  }

  /** Redis. */
  RedisClient redis() {
    return redis;
  }

  /** Loses a product's slot, as Redis does when its memory is full. */
  void evict(long id) {
    redis.del("tidemark:products:" + id);
  }

  /** A condition on what the servers and the nodes say. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Waits until a condition holds.
   *
   * @throws TimeoutException if it does not within {@code AWAIT_LIMIT}
   */
  void await(String what, Condition condition) throws Exception {
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
    for (NodeProcess node : nodes) {
      await(node.name() + " can load", () -> node.http().canLoad(PROBED_PRODUCT));
    }
  }

  /**
   * Waits until the database counts another read.
   *
   * @param readsBefore how many there were
   * @param answer of the caller for whom the row is read; if it fails, so does the wait
   */
  void awaitRead(long readsBefore, CompletableFuture<?> answer) throws Exception {
    await(
        "the row was read",
        () -> {
          if (answer.isCompletedExceptionally()) {
            NodeClient.await(answer);
          }
          return database.reads() > readsBefore;
        });
  }

  @Override
  public void close() throws SQLException {
    try (database;
        redis) {
      curator.close();
    }
  }

  private static List<NodeProcess> startNodes(ProcessGroup group, Servers servers, int processes)
      throws IOException, InterruptedException {
    List<CompletableFuture<ReadyChild>> starting = new ArrayList<>();
    for (int number = 1; number <= processes; number++) {
      starting.add(group.startJava("node " + number, NODE_HEAP_MEGABYTES, arguments(servers)));
    }
    HttpClient http = HttpClient.newHttpClient();
    List<NodeProcess> nodes = new ArrayList<>();
    for (CompletableFuture<ReadyChild> node : starting) {
      ReadyChild ready = group.await(node);
      nodes.add(new NodeProcess(ready.child(), new NodeClient(http, url(ready.readyLine()))));
    }
    return List.copyOf(nodes);
  }

  private static List<String> arguments(Servers servers) {
    return List.of(
        "node",
        "--http-port",
        "0",
        "--zookeeper",
        servers.zookeeperAddress(),
        "--redis",
        servers.redisAddress(),
        "--jdbc",
        servers.jdbcUrl(),
        "--session-timeout",
        SESSION_TIMEOUT.toMillis() + "ms",
        // Twice what the acts need: a busy machine should not decide them.
        "--wait",
        "10s",
        "--db-latency",
        DB_LATENCY.toMillis() + "ms",
        "--exit-with-parent");
  }

  private static String url(String readyLine) throws IOException {
    Matcher matcher = READY.matcher(readyLine);
    if (!matcher.matches()) {
      throw new IOException("a node said '" + readyLine + "', which is not " + READY);
    }
    return matcher.group(1);
  }
}
