package io.tidemark.proof.histories;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperServer;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import redis.clients.jedis.RedisClient;

/**
 * A fleet of workers with their servers: one ZooKeeper or an ensemble, Redis and PostgreSQL, all on
 * 127.0.0.1, each a process of its own of a {@link ProcessGroup}. Thread-safe.
 */
final class WorkerFleet implements AutoCloseable {
  /** How many Redis servers have locks only, where the locks need them. */
  static final int LOCK_SERVERS = 2;

  /** More than a process takes to start on a slow machine that starts others as well. */
  private static final int START_SECONDS = 600;

  private final ProcessGroup group;
  private final Path history;
  private final List<ZooKeeperServer> zookeeper;
  private final RedisProgram redisProgram;
  private final int postgresPort;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private final LockKind lock;
  private final List<Integer> lockServerPorts;
  private final List<Child> lockServers = new ArrayList<>();
  private final FleetRedis redis;

  private WorkerFleet(
      ProcessGroup group,
      Path history,
      List<ZooKeeperServer> zookeeper,
      RedisProgram redisProgram,
      FleetRedis redis,
      int postgresPort,
      LockKind lock,
      List<Integer> lockServerPorts) {
    this.group = group;
    this.history = history;
    this.zookeeper = zookeeper;
    this.redisProgram = redisProgram;
    this.redis = redis;
    this.postgresPort = postgresPort;
    this.lock = lock;
    this.lockServerPorts = lockServerPorts;
  }

  /**
   * Starts the servers, and returns when they serve. The group ends them, also after a failure.
   *
   * @param lock which locks the workers use
   * @param zookeepers how many servers ZooKeeper has
   * @param redisKind what Redis they share
   */
  static WorkerFleet startServers(
      ProcessGroup group, LockKind lock, int zookeepers, RedisKind redisKind)
      throws IOException, InterruptedException, SQLException {
    int zookeeperPorts = zookeepers * ZooKeeperServer.PORTS_EACH;
    int lockServers = lock.hasLockServers() ? LOCK_SERVERS : 0;
    List<Integer> ports =
        Stream.generate(FreePort::any).limit(1 + zookeeperPorts + lockServers).toList();
    int postgresPort = ports.get(0);
    CompletableFuture<ReadyChild> postgres = PostgresProgram.start(group, postgresPort);
    List<ZooKeeperServer> zookeeper =
        ZooKeeperServer.startEnsemble(group, zookeepers, ports.subList(1, 1 + zookeeperPorts));
    RedisProgram redisProgram = RedisProgram.unpack(group);
    FleetRedis redis = FleetRedis.start(group, redisProgram, redisKind);
    ReadyChild unused = await(postgres);
    Path history = Files.createDirectory(group.directory().resolve("history"));
    WorkerFleet fleet =
        new WorkerFleet(
            group,
            history,
            zookeeper,
            redisProgram,
            redis,
            postgresPort,
            lock,
            ports.subList(1 + zookeeperPorts, ports.size()));
    fleet.startLockServers();
    ItemTable.create(fleet.jdbcUrl());
    for (ZooKeeperServer server : zookeeper) {
      server.awaitListening();
    }
    return fleet;
  }

  /**
   * Starts a worker; returns at once.
   *
   * @param classPath where its classes are
   * @param setup what it is for
   */
  synchronized WorkerProcess addWorker(String classPath, WorkerSetup setup)
      throws IOException, InterruptedException {
    WorkerProcess worker =
        new WorkerProcess(
            group,
            workers.size() + 1,
            history,
            classPath,
            setup,
            lock,
            ZooKeeperServer.addresses(zookeeper),
            new WorkerNetwork(zookeeper, redis, lockServerPorts, postgresPort));
    workers.add(worker);
    worker.start();
    return worker;
  }

  /** Waits for a process to be ready. */
  static ReadyChild await(CompletableFuture<ReadyChild> starting) throws InterruptedException {
    try {
      return starting.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("a process did not start", e);
    }
  }

  synchronized List<WorkerProcess> workers() {
    return List.copyOf(workers);
  }

  List<ZooKeeperServer> zookeeper() {
    return zookeeper;
  }

  FleetRedis redis() {
    return redis;
  }

  synchronized Child lockServer(int number) {
    return lockServers.get(number);
  }

  /** Starts a Redis that has locks only again, empty, after it was killed. */
  synchronized void restartLockServer(int number) throws IOException, InterruptedException {
    lockServers.set(number, startLockServer(number));
  }

  private synchronized void startLockServers() throws IOException, InterruptedException {
    for (int number = 0; number < lockServerPorts.size(); number++) {
      lockServers.add(startLockServer(number));
    }
  }

  private Child startLockServer(int number) throws IOException, InterruptedException {
    return redisProgram.start(group, "lock server " + number, lockServerPorts.get(number));
  }

  /** A client of the first node of Redis past the network; the caller closes it. */
  RedisClient redisClient() {
    return redis.client(1);
  }

  /** The database past the network that can break. */
  String jdbcUrl() {
    return PostgresProgram.jdbcUrl(postgresPort);
  }

  /** The directory of the histories. */
  Path history() {
    return history;
  }

  /** What happened so far. No operation may be under way in a worker that is alive. */
  History collectHistory() throws IOException, SQLException {
    return new History(OperationLog.readAll(history), ItemTable.commits(jdbcUrl()));
  }

  /** Takes the networks down; the processes are the group's to end. */
  @Override
  public void close() {
    workers.forEach(WorkerProcess::close);
    redis.close();
  }
}
