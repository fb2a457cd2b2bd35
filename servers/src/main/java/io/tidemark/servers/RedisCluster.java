package io.tidemark.servers;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A Redis Cluster of three masters that share the hash slots, and a replica of each. Every node is
 * a process, which can be stopped and started again: it then finds its place in the cluster, and is
 * empty. Thread-safe.
 */
public final class RedisCluster implements RedisNodes {
  /** How many nodes. Those of the second half begin as the replicas of those of the first. */
  public static final int NODES = 6;

  /** How far from a node's port its second one is, on which the nodes talk to each other. */
  public static final int BUS_DISTANCE = 10_000;

  private static final int MASTERS = NODES / 2;
  private static final int HASH_SLOTS = 16_384;

  /** How long a master is silent before its replica takes over. */
  private static final int NODE_TIMEOUT_MILLIS = 5_000;

  private static final int POLL_MILLIS = 20;

  private final ProcessGroup group;
  private final RedisProgram program;
  private final List<Integer> ports;
  private final List<Integer> announced;
  private final List<String> options;
  private final Child[] children = new Child[NODES];

  private RedisCluster(
      ProcessGroup group,
      RedisProgram program,
      List<Integer> ports,
      List<Integer> announced,
      List<String> options) {
    this.group = group;
    this.program = program;
    this.ports = List.copyOf(ports);
    this.announced = List.copyOf(announced);
    this.options = List.copyOf(options);
  }

  /**
   * Starts it, and returns when it serves.
   *
   * @param ports {@link #NODES} free ports, each with a free one {@link #BUS_DISTANCE} above it
   */
  public static RedisCluster start(ProcessGroup group, RedisProgram program, List<Integer> ports)
      throws IOException, InterruptedException {
    return started(new RedisCluster(group, program, ports, ports, List.of()));
  }

  /**
   * Starts one likewise, each of whose masters stops before its replica takes over if it is cut off
   * from it.
   *
   * @param announced where the nodes and the clients look for the nodes
   */
  public static RedisCluster startBounded(
      ProcessGroup group, RedisProgram program, List<Integer> ports, List<Integer> announced)
      throws IOException, InterruptedException {
    return started(
        new RedisCluster(group, program, ports, announced, RedisSentinel.boundedIsolation()));
  }

  private static RedisCluster started(RedisCluster cluster)
      throws IOException, InterruptedException {
    for (int number = 1; number <= NODES; number++) {
      cluster.start(number);
    }
    cluster.join();
    return cluster;
  }

  @Override
  public int count() {
    return NODES;
  }

  @Override
  public int port(int number) {
    return ports.get(number - 1);
  }

  @Override
  public synchronized Child child(int number) {
    return children[number - 1];
  }

  /** Ends a node, and returns when it is gone. */
  public void stop(int number) throws IOException, InterruptedException {
    group.end(child(number));
  }

  /** The others tell the node what it is now. */
  @Override
  public void startReplica(int number, int master) throws IOException, InterruptedException {
    start(number);
  }

  @Override
  public synchronized void start(int number) throws IOException, InterruptedException {
    Path directory =
        Files.createDirectories(group.directory().resolve("redis").resolve("node-" + number));
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--cluster-enabled", "yes"));
    all.addAll(List.of("--cluster-node-timeout", Integer.toString(NODE_TIMEOUT_MILLIS)));
    all.addAll(List.of("--cluster-announce-port", Integer.toString(announced.get(number - 1))));
    all.addAll(
        List.of("--cluster-announce-bus-port", Integer.toString(port(number) + BUS_DISTANCE)));
    children[number - 1] = program.start(group, "redis-" + number, port(number), directory, all);
  }

  /** Whether a node is a master now. */
  public boolean isMaster(int number) throws IOException {
    return says(number, "role:master", "INFO", "replication");
  }

  /**
   * Makes a replica the master of its hash slots, as an operator does before work on the master:
   * the replica first receives all that the master has acknowledged. Returns when it serves, and
   * the old master is its replica.
   */
  public void failOver(int number) throws IOException, InterruptedException {
    RedisCommand.run(port(number), "CLUSTER", "FAILOVER");
    await(number, "role:master", "INFO", "replication");
    await(number, "connected_slaves:1", "INFO", "replication");
    for (int other = 1; other <= NODES; other++) {
      await(other, "cluster_state:ok", "CLUSTER", "INFO");
    }
  }

  private void join() throws IOException, InterruptedException {
    for (int number = 1; number <= NODES; number++) {
      RedisCommand.run(port(number), "CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(number));
      RedisCommand.run(port(number), "CLUSTER", "MEET", "127.0.0.1", Integer.toString(port(1)));
    }
    for (int master = 1; master <= MASTERS; master++) {
      RedisCommand.run(port(master), share(master));
    }
    awaitEverywhere("cluster_known_nodes:" + NODES, "CLUSTER", "INFO");
    awaitEverywhere("cluster_slots_ok:" + HASH_SLOTS, "CLUSTER", "INFO");
    for (int master = 1; master <= MASTERS; master++) {
      String id = RedisCommand.run(port(master), "CLUSTER", "MYID");
      RedisCommand.run(port(MASTERS + master), "CLUSTER", "REPLICATE", id);
      await(MASTERS + master, "master_link_status:up", "INFO", "replication");
      // A client that asks any node is told of the replicas, too.
      for (int number = 1; number <= NODES; number++) {
        await(number, "slave " + id, "CLUSTER", "NODES");
      }
    }
    awaitEverywhere("cluster_state:ok", "CLUSTER", "INFO");
  }

  private static String[] share(int master) {
    IntStream slots =
        IntStream.range(HASH_SLOTS * (master - 1) / MASTERS, HASH_SLOTS * master / MASTERS);
    return Stream.concat(Stream.of("CLUSTER", "ADDSLOTS"), slots.mapToObj(Integer::toString))
        .toArray(String[]::new);
  }

  private void awaitEverywhere(String fact, String... question)
      throws IOException, InterruptedException {
    for (int number = 1; number <= NODES; number++) {
      await(number, fact, question);
    }
  }

  private void await(int number, String fact, String... question)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + ServerStart.LIMIT.toNanos();
    while (!says(number, fact, question)) {
      if (System.nanoTime() >= end || !child(number).isAlive()) {
        throw group.failureOf(child(number), "does not say " + fact);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private boolean says(int number, String fact, String... question) throws IOException {
    return RedisCommand.run(port(number), question).contains(fact);
  }

  /** The addresses of all nodes, as a client takes them. */
  public List<String> addresses() {
    List<String> addresses = new ArrayList<>();
    ports.forEach(port -> addresses.add("127.0.0.1:" + port));
    return List.copyOf(addresses);
  }
}
