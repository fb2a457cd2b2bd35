package io.tidemark.spring;

import io.tidemark.servers.RestartableServer;
import io.tidemark.testkit.FreePort;
import java.time.Duration;
import java.util.List;

/**
 * A Redis and a ZooKeeper for the tests of this JVM, with which they end. Each test has names of
 * its own for its caches.
 */
public final class SharedServers {
  /** Limits that only a hang reaches, however slow the machine is. */
  public static final List<String> PATIENCE =
      List.of(
          "tidemark.health-timeout=1m",
          "tidemark.redis.connect-timeout=1m",
          "tidemark.redis.timeout=1m",
          "tidemark.redis.pool.max-wait=1m",
          "tidemark.zookeeper.connection-timeout=1m",
          "tidemark.zookeeper.session-timeout=1m",
          "tidemark.defaults.claim-life=1m",
          "tidemark.defaults.deadline=5m",
          "tidemark.defaults.max-load-time=10m");

  private SharedServers() {}

  public static int redisPort() {
    return Redis.SERVER.port();
  }

  public static int zookeeperPort() {
    return ZooKeeper.SERVER.port();
  }

  /** Starts a server that its test stops, or the end of the JVM. */
  public static RestartableServer started(Server server) {
    try {
      RestartableServer started = server.at(FreePort.any());
      started.start();
      return started;
    } catch (Exception e) {
      throw new IllegalStateException("a server does not start: " + e, e);
    }
  }

  /** Makes a server that will listen on a port. */
  @FunctionalInterface
  public interface Server {
    RestartableServer at(int port) throws Exception;
  }

  private static final class Redis {
    static final RestartableServer SERVER = started(port -> RestartableServer.redis(port));
  }

  private static final class ZooKeeper {
    static final RestartableServer SERVER =
        started(port -> RestartableServer.zookeeper(port, Duration.ofMinutes(1)));
  }
}
