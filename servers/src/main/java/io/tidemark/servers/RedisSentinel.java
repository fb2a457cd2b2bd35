package io.tidemark.servers;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A master, its replica, and a Sentinel that lets the replica take over. Thread-safe.
 *
 * <p>A master that hears of no replica refuses writes after {@value #LONGEST_LAG_SECONDS} s and
 * what Redis needs to notice, 2 s at most; the Sentinel takes it for down later than that. So a
 * master that is cut off has stopped before the other begins.
 */
public final class RedisSentinel implements RedisNodes {
  /** How many nodes that have data. */
  public static final int NODES = 2;

  /** What the Sentinel calls the master. */
  public static final String MASTER = "master";

  private static final int LONGEST_LAG_SECONDS = 2;
  private static final int DOWN_AFTER_MILLIS = 5_000;

  /** How long the Sentinel waits before it tries a failover again that did not succeed. */
  private static final int FAILOVER_MILLIS = 10_000;

  private final ProcessGroup group;
  private final RedisProgram program;
  private final List<Integer> ports;
  private final List<Integer> announced;
  private final Child[] children = new Child[NODES];

  private RedisSentinel(
      ProcessGroup group, RedisProgram program, List<Integer> ports, List<Integer> announced) {
    this.group = group;
    this.program = program;
    this.ports = List.copyOf(ports);
    this.announced = List.copyOf(announced);
  }

  /**
   * Starts it, and returns when the Sentinel listens.
   *
   * @param ports of the nodes
   * @param announced where the nodes, the Sentinel and the clients look for the nodes
   * @param sentinelPort of the Sentinel
   */
  public static RedisSentinel start(
      ProcessGroup group,
      RedisProgram program,
      List<Integer> ports,
      List<Integer> announced,
      int sentinelPort)
      throws IOException, InterruptedException {
    RedisSentinel redis = new RedisSentinel(group, program, ports, announced);
    redis.start(1);
    redis.startReplica(2, 1);
    List<String> lines =
        List.of(
            "port " + sentinelPort,
            "bind 127.0.0.1",
            "dir " + redis.folder("sentinel"),
            "sentinel monitor %s 127.0.0.1 %d 1".formatted(MASTER, redis.announced.get(0)),
            "sentinel down-after-milliseconds %s %d".formatted(MASTER, DOWN_AFTER_MILLIS),
            "sentinel failover-timeout %s %d".formatted(MASTER, FAILOVER_MILLIS));
    // The Sentinel keeps what it knows in this file.
    Path file = Files.write(redis.folder("sentinel").resolve("sentinel.conf"), lines);
    program.startSentinel(group, file, sentinelPort);
    return redis;
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

  /** Starts a node as a master, which the Sentinel may make a replica again. */
  @Override
  public void start(int number) throws IOException, InterruptedException {
    start(number, List.of());
  }

  @Override
  public void startReplica(int number, int master) throws IOException, InterruptedException {
    String port = Integer.toString(announced.get(master - 1));
    start(number, List.of("--replicaof", "127.0.0.1", port));
  }

  private synchronized void start(int number, List<String> options)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--replica-announce-ip", "127.0.0.1"));
    all.addAll(List.of("--replica-announce-port", Integer.toString(announced.get(number - 1))));
    all.addAll(boundedIsolation());
    children[number - 1] =
        program.start(group, "redis-" + number, port(number), folder("node-" + number), all);
  }

  /** What ends the service of a master that is cut off. */
  static List<String> boundedIsolation() {
    return List.of(
        "--min-replicas-to-write",
        "1",
        "--min-replicas-max-lag",
        Integer.toString(LONGEST_LAG_SECONDS));
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(group.directory().resolve("redis").resolve(name));
  }
}
