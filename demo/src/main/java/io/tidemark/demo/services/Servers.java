package io.tidemark.demo.services;

import io.tidemark.demo.processes.ProcessGroup;
import io.tidemark.demo.processes.ProcessGroup.ReadyChild;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * ZooKeeper, Redis and PostgreSQL on 127.0.0.1, each a process of its own in a {@link
 * ProcessGroup}, which also ends them. Immutable.
 *
 * @param zookeeperPid ZooKeeper's process
 * @param redisPid Redis' process
 * @param postgresPid PostgreSQL's first process
 * @param ports where they listen
 */
public record Servers(long zookeeperPid, long redisPid, long postgresPid, ServerPorts ports) {
  // It unpacks the program in memory.
  private static final int POSTGRES_HEAP_MEGABYTES = 192;

  /**
   * Starts the three, and creates the table of products where it is missing. On failure the group
   * still has what was started.
   */
  public static Servers start(ProcessGroup group, ServerPorts ports)
      throws IOException, InterruptedException, SQLException {
    return ServerGroup.start(group, ports).servers();
  }

  /** ZooKeeper's address, {@code host:port}. */
  public String zookeeperAddress() {
    return "127.0.0.1:" + ports.zookeeper();
  }

  /** Redis' address, {@code host:port}. */
  public String redisAddress() {
    return "127.0.0.1:" + ports.redis();
  }

  /** PostgreSQL's address, {@code host:port}. */
  public String postgresAddress() {
    return "127.0.0.1:" + ports.postgres();
  }

  /** The database that holds the products. */
  public String jdbcUrl() {
    return jdbcUrl(ports.postgres());
  }

  /** The database of a PostgreSQL that {@link #startPostgres} started, or of a way to it. */
  public static String jdbcUrl(int port) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  /** Starts PostgreSQL alone; returns at once. */
  public static CompletableFuture<ReadyChild> startPostgres(ProcessGroup group, int port)
      throws IOException, InterruptedException {
    Path data = group.directory().resolve("postgres");
    group.guardPidFile(PostgresCommand.pidFile(data), "INT");
    return group.startJava(
        "postgres",
        POSTGRES_HEAP_MEGABYTES,
        List.of(
            "postgres",
            "--port",
            Integer.toString(port),
            "--data",
            data.toString(),
            "--log",
            group.log("postgres").toString()));
  }
}
