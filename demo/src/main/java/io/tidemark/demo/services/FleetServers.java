package io.tidemark.demo.services;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.servers.Loopback;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RedisCluster;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * A fleet's servers on 127.0.0.1: a ZooKeeper ensemble of three, a Redis Cluster of three masters
 * with a replica each, and PostgreSQL. Each is a process of its own in a {@link ProcessGroup},
 * which also ends them, and can be stopped and started again on its port. ZooKeeper and PostgreSQL
 * keep their data meanwhile; a node of Redis has only what its master sends it. Thread-safe: one
 * thing is done after the other.
 */
public final class FleetServers implements ControlledServers {
  private final ProcessGroup group;
  private final RedisCluster redis;
  private final List<ZooKeeperServer> ensemble;
  private final Map<String, Member> members = new LinkedHashMap<>();

  private FleetServers(ProcessGroup group, RedisCluster redis, List<ZooKeeperServer> ensemble) {
    this.group = group;
    this.redis = redis;
    this.ensemble = ensemble;
  }

  /** Starts a server anew, and returns when it can be used. */
  private interface Launch {
    Running launch() throws IOException, InterruptedException;
  }

  private record Running(Child child, long pid) {}

  /** One server. */
  private static final class Member {
    private final String address;
    private final int port;
    private final Launch launch;
    private Running running;
    private boolean isStopped;

    Member(String address, int port, Running running, Launch launch) {
      this.address = address;
      this.port = port;
      this.running = running;
      this.launch = launch;
    }
  }

  /** Starts them, and creates the table of products where it is missing. */
  public static FleetServers start(ProcessGroup group, FleetPorts ports)
      throws IOException, InterruptedException, SQLException {
    CompletableFuture<ReadyChild> postgres = PostgresProgram.start(group, ports.postgres());
    List<ZooKeeperServer> zookeeper =
        ZooKeeperServer.startEnsemble(group, ZooKeeperServer.ENSEMBLE, ports.zookeeper());
    RedisCluster redis = RedisCluster.start(group, RedisProgram.unpack(group), ports.redis());
    FleetServers servers = new FleetServers(group, redis, zookeeper);
    for (ZooKeeperServer server : zookeeper) {
      server.awaitListening();
      servers.add(server);
    }
    for (int number = 1; number <= RedisCluster.NODES; number++) {
      servers.addRedis(number);
    }
    servers.addPostgres(ports.postgres(), group.await(postgres));
    ProductTable.createIfMissing(PostgresProgram.jdbcUrl(ports.postgres()));
    return servers;
  }

  /** The nodes of Redis. */
  public RedisCluster redis() {
    return redis;
  }

  /** The server of ZooKeeper that says it leads the others; empty while they elect one. */
  public Optional<String> leader() {
    return IntStream.range(0, ensemble.size())
        .filter(index -> ensemble.get(index).isLeader())
        .mapToObj(index -> zookeeper(index + 1))
        .findFirst();
  }

  /** Kills a server without a word; returns when it is gone. It can be started again. */
  public synchronized void kill(String name) throws IOException, InterruptedException {
    Member server = member(name);
    server.running.child().kill();
    group.end(server.running.child());
    server.isStopped = true;
  }

  /** The process of each server. */
  public synchronized Map<String, Long> processes() {
    Map<String, Long> processes = new LinkedHashMap<>();
    members.forEach((name, member) -> processes.put(name, member.running.pid()));
    return processes;
  }

  @Override
  public synchronized List<String> status() {
    return members.keySet().stream().map(this::line).toList();
  }

  @Override
  public synchronized String stop(String name) throws IOException, InterruptedException {
    Member server = member(name);
    if (server.isStopped) {
      throw new RefusedCommandException(
          "%s is already stopped; only a running server can be stopped".formatted(name));
    }
    group.end(server.running.child());
    server.isStopped = true;
    return line(name);
  }

  @Override
  public synchronized String start(String name) throws IOException, InterruptedException {
    Member server = member(name);
    if (!server.isStopped) {
      throw new RefusedCommandException(
          "%s is already running, pid %d; only a stopped server can be started"
              .formatted(name, server.running.pid()));
    }
    if (!Loopback.isFree(server.port)) {
      throw new RefusedCommandException(
          "%s cannot be started: its port, %d, must be free on 127.0.0.1"
              .formatted(name, server.port));
    }
    server.running = server.launch.launch();
    server.isStopped = false;
    return line(name);
  }

  @Override
  public synchronized String restart(String name) throws IOException, InterruptedException {
    if (!member(name).isStopped) {
      stop(name);
    }
    return start(name);
  }

  @Override
  public List<String> stopped() {
    return members.keySet().stream().map(name -> line(name, "stopped")).toList();
  }

  private static String zookeeper(int number) {
    return "zookeeper-" + number;
  }

  private void add(ZooKeeperServer server) {
    int number = members.size() + 1;
    members.put(
        zookeeper(number),
        member(
            server.clientPort(),
            server.child(),
            () -> {
              server.restart();
              server.awaitListening();
              return new Running(server.child(), server.child().pid());
            }));
  }

  private void addRedis(int number) {
    members.put(
        "redis-" + number,
        member(
            redis.port(number),
            redis.child(number),
            () -> {
              redis.start(number);
              return new Running(redis.child(number), redis.child(number).pid());
            }));
  }

  private void addPostgres(int port, ReadyChild ready) {
    members.put(
        ServerName.POSTGRES.text(),
        new Member(
            PostgresProgram.jdbcUrl(port),
            port,
            new Running(ready.child(), ready.pid()),
            () -> {
              ReadyChild again = group.await(PostgresProgram.start(group, port));
              return new Running(again.child(), again.pid());
            }));
  }

  private static Member member(int port, Child child, Launch launch) {
    return new Member("127.0.0.1:" + port, port, new Running(child, child.pid()), launch);
  }

  private Member member(String name) {
    Member member = members.get(name);
    if (member == null) {
      throw new IllegalArgumentException(
          "'%s'; it must be one of %s".formatted(name, String.join(", ", members.keySet())));
    }
    return member;
  }

  private String line(String name) {
    Member server = member(name);
    return line(name, server.isStopped ? "stopped" : "pid " + server.running.pid());
  }

  private String line(String name, String state) {
    return "%s %s %s".formatted(name, member(name).address, state);
  }
}
