package com.example.catalogue;

import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperProgram;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** ZooKeeper, Redis, PostgreSQL, and instances of the jar that is built here. */
final class Fleet {
  private static final JavaProgram JAR =
      new JavaProgram(
          Path.of("target", "catalogue.jar").toAbsolutePath().toString(),
          "org.springframework.boot.loader.launch.JarLauncher");

  private final ProcessGroup group;
  private final int zookeeperPort = FreePort.any();
  private final int redisPort = FreePort.any();
  private final int postgresPort = FreePort.any();

  private Fleet(ProcessGroup group) {
    this.group = group;
  }

  /** Starts the servers. */
  static Fleet start(ProcessGroup group) throws IOException, InterruptedException {
    Fleet fleet = new Fleet(group);
    CompletableFuture<ReadyChild> postgres = PostgresProgram.start(group, fleet.postgresPort);
    CompletableFuture<ReadyChild> zookeeper = ZooKeeperProgram.start(group, fleet.zookeeperPort);
    RedisProgram.unpack(group).start(group, "redis", fleet.redisPort);
    group.await(zookeeper);
    group.await(postgres);
    return fleet;
  }

  /** Starts an instance; returns at once. */
  Instance startInstance(String name, int port) throws IOException, InterruptedException {
    Path directory = group.directory().resolve(name);
    List<String> command =
        ThisJvm.command(
            JAR,
            List.of("-Xmx128m", "-Djava.io.tmpdir=" + group.directory().resolve("tmp")),
            List.of(
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--server.tomcat.basedir=" + directory,
                "--server.tomcat.accesslog.enabled=true",
                "--server.tomcat.accesslog.pattern=" + Instance.LOG_PATTERN,
                "--spring.datasource.url="
                    + PostgresProgram.jdbcUrl(postgresPort)
                    + "&currentSchema=catalogue",
                "--tidemark.redis.url=redis://127.0.0.1:" + redisPort,
                "--tidemark.zookeeper.connect-string=127.0.0.1:" + zookeeperPort,
                "--tidemark.check-on-start=fail",
                "--management.endpoints.web.exposure.include=health,tidemark",
                // How long something takes on a busy machine decides nothing.
                "--tidemark.caches.catalogue.deadline=5m",
                "--tidemark.caches.catalogue.max-load-time=10m",
                "--spring.lifecycle.timeout-per-shutdown-phase=10m"));
    return new Instance(group.start(name, command), port, directory);
  }

  /** Waits until an instance says that it takes requests. */
  void awaitReady(Instance instance) throws InterruptedException {
    while (instance.child().isAlive()) {
      try {
        if (instance.get("/actuator/health/readiness").status() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      }
      Thread.sleep(100);
    }
    throw group.failureOf(instance.child(), "ended before it was ready");
  }

  /** Tells an instance to leave, by SIGTERM; the future completes when its process is gone. */
  CompletableFuture<Void> end(Instance instance) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            group.end(instance.child());
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** The database that the instances read. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(PostgresProgram.jdbcUrl(postgresPort));
  }
}
