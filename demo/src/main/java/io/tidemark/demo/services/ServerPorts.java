package io.tidemark.demo.services;

import io.tidemark.servers.Loopback;
import io.tidemark.servers.PostgresProgram;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the three servers listen on 127.0.0.1. Immutable.
 *
 * @param zookeeper ZooKeeper's port
 * @param redis Redis' port
 * @param postgres PostgreSQL's port
 */
public record ServerPorts(int zookeeper, int redis, int postgres) {
  /** Asks for any free port. */
  public static final int ANY = 0;

  /** Three free ports. */
  public static ServerPorts free() throws IOException {
    return choose(ANY, ANY, ANY);
  }

  /**
   * Three ports as asked for, each checked to be free at this moment; {@link #ANY} becomes a free
   * one.
   *
   * @throws IllegalArgumentException if a port is out of range, taken, or asked for twice; the
   *     message names the option, its value and the rule
   */
  public static ServerPorts choose(int zookeeper, int redis, int postgres) throws IOException {
    Map<Integer, String> options = new HashMap<>();
    check("--zookeeper-port", zookeeper, options);
    check("--redis-port", redis, options);
    check("--postgres-port", postgres, options);
    FreePorts free = new FreePorts();
    options.keySet().forEach(free::take);
    return new ServerPorts(orFree(zookeeper, free), orFree(redis, free), orFree(postgres, free));
  }

  /** The same, as clients take it. */
  public ServerAddresses addresses() {
    return new ServerAddresses(
        "127.0.0.1:" + zookeeper, "127.0.0.1:" + redis, false, PostgresProgram.jdbcUrl(postgres));
  }

  private static void check(String option, int port, Map<Integer, String> options) {
    if (port == ANY) {
      return;
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "%s is %d; it must be 1 to 65535, or 0 for any free port".formatted(option, port));
    }
    String other = options.put(port, option);
    if (other != null) {
      throw new IllegalArgumentException(
          "%s is %d; it must differ from %s".formatted(option, port, other));
    }
    if (!Loopback.isFree(port)) {
      throw new IllegalArgumentException(
          "%s is %d; it must be a port that is free on 127.0.0.1 and that you may open"
              .formatted(option, port));
    }
  }

  private static int orFree(int port, FreePorts free) throws IOException {
    return port == ANY ? free.next() : port;
  }
}
