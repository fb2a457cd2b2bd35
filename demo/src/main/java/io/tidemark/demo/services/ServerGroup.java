package io.tidemark.demo.services;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.servers.Loopback;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperProgram;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The three servers of a {@link ProcessGroup}, each of which can be stopped and started again on
 * its port. ZooKeeper and PostgreSQL keep their data meanwhile; Redis, a cache, starts empty.
 * Thread-safe: one thing is done after the other.
 */
public final class ServerGroup implements ControlledServers {
  private final ProcessGroup group;
  private final ServerPorts ports;
  private final RedisProgram redis;
  private final Map<ServerName, Running> running = new EnumMap<>(ServerName.class);

  private ServerGroup(ProcessGroup group, ServerPorts ports, RedisProgram redis) {
    this.group = group;
    this.ports = ports;
    this.redis = redis;
  }

  /**
   * A server that runs.
   *
   * @param child the process that this one started
   * @param pid the server's first process
   */
  private record Running(Child child, long pid) {
    static Running of(ReadyChild ready) {
      return new Running(ready.child(), ready.pid());
    }
  }

  /** Starts the three, and creates the table of products where it is missing. */
  public static ServerGroup start(ProcessGroup group, ServerPorts ports)
      throws IOException, InterruptedException, SQLException {
    CompletableFuture<ReadyChild> postgres = PostgresProgram.start(group, ports.postgres());
    CompletableFuture<ReadyChild> zookeeper = ZooKeeperProgram.start(group, ports.zookeeper());
    ServerGroup servers = new ServerGroup(group, ports, RedisProgram.unpack(group));
    synchronized (servers) {
      servers.running.put(ServerName.REDIS, servers.startRedis());
      servers.running.put(ServerName.ZOOKEEPER, Running.of(group.await(zookeeper)));
      servers.running.put(ServerName.POSTGRES, Running.of(group.await(postgres)));
    }
    ProductTable.createIfMissing(PostgresProgram.jdbcUrl(ports.postgres()));
    return servers;
  }

  /** The process of a server; empty while it is stopped. */
  public synchronized OptionalLong pid(ServerName name) {
    Running server = running.get(name);
    return server == null ? OptionalLong.empty() : OptionalLong.of(server.pid());
  }

  /** The servers as their users see them. */
  public synchronized Servers servers() {
    return new Servers(
        running(ServerName.ZOOKEEPER).pid(),
        running(ServerName.REDIS).pid(),
        running(ServerName.POSTGRES).pid(),
        ports);
  }

  @Override
  public synchronized List<String> status() {
    return List.of(line(ServerName.ZOOKEEPER), line(ServerName.REDIS), line(ServerName.POSTGRES));
  }

  @Override
  public synchronized String stop(String text) throws IOException, InterruptedException {
    ServerName name = ServerName.of(text);
    Running server = running.get(name);
    if (server == null) {
      throw new RefusedCommandException(
          "%s is already stopped; only a running server can be stopped".formatted(name.text()));
    }
    group.end(server.child());
    running.remove(name);
    return line(name);
  }

  @Override
  public synchronized String start(String text) throws IOException, InterruptedException {
    ServerName name = ServerName.of(text);
    Running server = running.get(name);
    if (server != null) {
      throw new RefusedCommandException(
          "%s is already running, pid %d; only a stopped server can be started"
              .formatted(name.text(), server.pid()));
    }
    if (!Loopback.isFree(port(name))) {
      throw new RefusedCommandException(
          "%s cannot be started: its port, %d, must be free on 127.0.0.1"
              .formatted(name.text(), port(name)));
    }
    running.put(
        name,
        switch (name) {
          case ZOOKEEPER ->
              Running.of(group.await(ZooKeeperProgram.start(group, ports.zookeeper())));
          case REDIS -> startRedis();
          case POSTGRES -> Running.of(group.await(PostgresProgram.start(group, ports.postgres())));
        });
    return line(name);
  }

  @Override
  public synchronized String restart(String name) throws IOException, InterruptedException {
    if (running.containsKey(ServerName.of(name))) {
      stop(name);
    }
    return start(name);
  }

  private Running startRedis() throws IOException, InterruptedException {
    Child child = redis.start(group, "redis", ports.redis());
    return new Running(child, child.pid());
  }

  private Running running(ServerName name) {
    Running server = running.get(name);
    if (server == null) {
      throw new IllegalStateException(name.text() + " is stopped");
    }
    return server;
  }

  @Override
  public List<String> stopped() {
    return Arrays.stream(ServerName.values()).map(name -> line(name, "stopped")).toList();
  }

  private String line(ServerName name) {
    @Nullable Running server = running.get(name);
    return line(name, server == null ? "stopped" : "pid " + server.pid());
  }

  private String line(ServerName name, String state) {
    return "%s %s %s".formatted(name.text(), address(name), state);
  }

  private String address(ServerName name) {
    return name == ServerName.POSTGRES
        ? PostgresProgram.jdbcUrl(ports.postgres())
        : "127.0.0.1:" + port(name);
  }

  private int port(ServerName name) {
    return switch (name) {
      case ZOOKEEPER -> ports.zookeeper();
      case REDIS -> ports.redis();
      case POSTGRES -> ports.postgres();
    };
  }
}
