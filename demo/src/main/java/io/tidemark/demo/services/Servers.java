package io.tidemark.demo.services;

import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.PostgresProgram;
import java.io.IOException;
import java.sql.SQLException;

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
    return PostgresProgram.jdbcUrl(ports.postgres());
  }
}
