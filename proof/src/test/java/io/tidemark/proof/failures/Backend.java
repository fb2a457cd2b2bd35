package io.tidemark.proof.failures;

import io.tidemark.servers.PostgresBinary;
import io.tidemark.servers.RedisBinary;
import io.tidemark.testkit.FreePort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;

/** A server of a test on a port of its own, which can be stopped and started again there. */
interface Backend {
  int port();

  void start() throws Exception;

  void stop() throws IOException;

  /** ZooKeeper, which keeps its data. */
  static Backend zookeeper() throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    System.setProperty("zookeeper.forceSync", "no");
    int port = FreePort.any();
    int any = -1;
    int tickMillis = 500;
    TestingServer server =
        new TestingServer(
            new InstanceSpec(
                Files.createTempDirectory("zookeeper").toFile(),
                port,
                any,
                any,
                true,
                any,
                tickMillis,
                0,
                Map.of(
                    "clientPortAddress",
                    "127.0.0.1",
                    "maxSessionTimeout",
                    Long.toString(Clients.FAR.toMillis())),
                "127.0.0.1"),
            false);
    return new Backend() {
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

  /** Redis without a disk: it starts empty. */
  static Backend redis() throws IOException, InterruptedException {
    int port = FreePort.any();
    Path binary = RedisBinary.unpackInto(Files.createTempDirectory("redis"));
    return new Backend() {
      private @Nullable RedisServer server;

      @Override
      public int port() {
        return port;
      }

      @Override
      public void start() throws IOException {
        server =
            RedisServer.newRedisServer()
                .executableProvider(binary::toFile)
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
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
  static Backend postgres() throws IOException {
    int port = FreePort.any();
    Path data = Files.createTempDirectory("postgres");
    return new Backend() {
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
                    .setPGStartupWait(World.PATIENCE));
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
