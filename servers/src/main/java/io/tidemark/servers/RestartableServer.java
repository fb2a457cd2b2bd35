package io.tidemark.servers;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/**
 * A server of a test, on a port of 127.0.0.1 of the caller's choice, which can be stopped and
 * started again there. It is not started when it is made, and ends with the virtual machine at the
 * latest; its files stay in the temporary directory.
 */
public interface RestartableServer {
  /** Where it listens. */
  int port();

  /** Starts it, and returns when it listens. */
  void start() throws Exception;

  /** Stops it. Does nothing if it is stopped already. */
  void stop() throws IOException;

  /** ZooKeeper, which keeps its data and grants sessions of up to that long. */
  static RestartableServer zookeeper(int port, Duration longestSession) throws Exception {
    TestingServer server =
        ZooKeeperInProcess.newServer(port, Files.createTempDirectory("zookeeper"), longestSession);
    return new RestartableServer() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public void start() throws Exception {
        server.restart();
      }

      @Override
      public void stop() throws IOException {
        server.stop();
      }
    };
  }

  /**
   * Redis without a disk: it starts empty.
   *
   * @param settings lines of its configuration, such as {@code "maxmemory 100mb"}
   */
  static RestartableServer redis(int port, String... settings)
      throws IOException, InterruptedException {
    Path binary = RedisBinary.unpackInto(Files.createTempDirectory("redis"));
    return new RestartableServer() {
      private @Nullable RedisServer server;

      @Override
      public int port() {
        return port;
      }

      @Override
      public void start() throws IOException {
        RedisServerBuilder builder =
            RedisServer.newRedisServer()
                .executableProvider(binary::toFile)
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"");
        for (String setting : settings) {
          builder.setting(setting);
        }
        server = builder.build();
        server.start();
      }

      @Override
      public void stop() throws IOException {
        if (server != null) {
          server.stop();
          server = null;
        }
      }
    };
  }

  /** PostgreSQL, which keeps its data. */
  static RestartableServer postgres(int port) throws IOException {
    Path data = Files.createTempDirectory("postgres");
    return new RestartableServer() {
      private @Nullable EmbeddedPostgres server;

      @Override
      public int port() {
        return port;
      }

      @Override
      public void start() throws IOException {
        server =
            PostgresBinary.start(
                EmbeddedPostgres.builder()
                    .setPort(port)
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPGStartupWait(ServerStart.LIMIT));
      }

      @Override
      public void stop() throws IOException {
        if (server != null) {
          server.close();
          server = null;
        }
      }
    };
  }
}
