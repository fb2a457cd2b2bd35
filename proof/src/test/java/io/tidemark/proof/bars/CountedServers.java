package io.tidemark.proof.bars;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.bars.PageTable.Counted;
import io.tidemark.proof.bars.Requests.RedisCommand;
import io.tidemark.proof.bars.ScalePage.Cost;
import io.tidemark.servers.RestartableServer;
import io.tidemark.servers.ZooKeeperStatus;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import redis.clients.jedis.RedisClient;

/** Redis, ZooKeeper and PostgreSQL, and processes of which it is counted what they ask them. */
final class CountedServers implements AutoCloseable {
  /** All keys are equally long. */
  private static final int FIRST_KEY = 10_000;

  /** How long a process does not look at the server's clock after a look. */
  private static final long BETWEEN_LOOKS_NANOS = Duration.ofSeconds(10).toNanos();

  private final RestartableServer redis;
  private final RestartableServer postgres;
  private final RestartableServer zookeeper;
  private final RedisClient locks;
  private final List<CountedProcess> processes = new ArrayList<>();
  private final AtomicInteger nextKey = new AtomicInteger(FIRST_KEY);
  private long nodes;

  private CountedServers(
      RestartableServer redis, RestartableServer postgres, RestartableServer zookeeper) {
    this.redis = redis;
    this.postgres = postgres;
    this.zookeeper = zookeeper;
    this.locks = RedisClient.create("127.0.0.1", redis.port());
  }

  /** What the servers had counted at one moment. */
  record Mark(long nanos, long zxid, Counted statements, long loads) {}

  static CountedServers start() throws Exception {
    RestartableServer redis = RestartableServer.redis(FreePort.any());
    RestartableServer postgres = RestartableServer.postgres(FreePort.any());
    RestartableServer zookeeper =
        RestartableServer.zookeeper(FreePort.any(), Duration.ofMinutes(20));
    redis.start();
    postgres.start();
    zookeeper.start();
    PageTable.countStatements(postgres);
    PageTable.create(postgres.port());
    CountedServers servers = new CountedServers(redis, postgres, zookeeper);
    servers.keepLocksNode();
    return servers;
  }

  /** Else the server reaps it while it is empty, and a later miss creates it again. */
  private void keepLocksNode() throws Exception {
    try (CuratorFramework curator =
        CuratorFrameworkFactory.newClient("127.0.0.1:" + zookeeper.port(), new RetryForever(100))) {
      curator.start();
      curator
          .create()
          .creatingParentContainersIfNeeded()
          .forPath("/tidemark/" + Pages.CACHE + "/locks/kept");
    }
    nodes = statusOfZooKeeper().nodes();
  }

  CountedProcess newProcess() throws Exception {
    CountedProcess process = new CountedProcess(redis.port(), postgres.port(), zookeeper.port());
    processes.add(process);
    return process;
  }

  List<Integer> newKeys(int count) {
    int first = nextKey.getAndAdd(count);
    return IntStream.range(first, first + count).boxed().toList();
  }

  /** Keeps all loads waiting until it is closed. */
  Connection holdTable() throws SQLException {
    return PageTable.hold(postgres.port());
  }

  /** Waits until no lock is held and no request is under way. */
  void awaitQuiet() {
    await()
        .until(
            () ->
                statusOfZooKeeper().nodes() == nodes
                    && locks.keys("tidemark-lock:*").isEmpty()
                    && processes.stream().allMatch(CountedProcess::isQuiet));
  }

  /** Begins to count. */
  Mark mark(CountedProcess process) throws Exception {
    processes.forEach(CountedProcess::forget);
    return new Mark(
        System.nanoTime(),
        statusOfZooKeeper().zxid(),
        PageTable.counted(postgres.port()),
        loadsOfOthers(process));
  }

  /** What a process has cost the servers. */
  Cost since(Mark mark, CountedProcess process, String call, long trips) throws Exception {
    long writes = processes.stream().mapToLong(CountedProcess::writes).sum();
    assertThat(statusOfZooKeeper().zxid() - mark.zxid).isEqualTo(writes);
    long statements =
        PageTable.counted(postgres.port()).since(mark.statements).statements()
            - (loadsOfOthers(process) - mark.loads);
    List<RedisCommand> commands = process.commands();
    long looks = commands.stream().filter(RedisCommand::asksTime).count();
    assertThat(looks)
        .as("looks at the clock")
        .isLessThanOrEqualTo(1 + (System.nanoTime() - mark.nanos) / BETWEEN_LOOKS_NANOS);
    return new Cost(
        call,
        trips - looks,
        commands.size() - looks,
        commands.stream()
            .filter(command -> !command.asksTime())
            .mapToLong(RedisCommand::bytes)
            .sum(),
        process.received(),
        process.requests(),
        process.writes(),
        process.watches(),
        statements);
  }

  /** Each is one statement. */
  private long loadsOfOthers(CountedProcess process) {
    return processes.stream()
        .filter(other -> other != process)
        .mapToLong(other -> other.pages().cache().stats().loads())
        .sum();
  }

  private ZooKeeperStatus statusOfZooKeeper() throws IOException {
    return ZooKeeperStatus.of(zookeeper.port(), 0);
  }

  @Override
  public void close() throws IOException {
    locks.close();
    zookeeper.stop();
    postgres.stop();
    redis.stop();
  }
}
