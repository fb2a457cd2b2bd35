package io.tidemark.bench;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.WorkDirectory;
import io.tidemark.servers.RedisProgram;
import io.tidemark.servers.ZooKeeperProgram;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * A Redis and a ZooKeeper of one server, both empty at the start of every run, so that no
 * contestant finds what another has left. Not thread-safe.
 */
final class BenchServers {
  /** Enough for the nodes that some contestants leave behind. */
  private static final int ZOOKEEPER_HEAP_MEGABYTES = 512;

  private final ProcessGroup group;
  private final RedisProgram redisProgram;
  private final int redisPort = FreePort.any();
  private final int zookeeperPort = FreePort.any();

  private BenchServers(ProcessGroup group, RedisProgram redisProgram) {
    this.group = group;
    this.redisProgram = redisProgram;
  }

  /** Prepares servers of a group; once for each group. */
  static BenchServers of(ProcessGroup group) throws IOException, InterruptedException {
    return new BenchServers(group, RedisProgram.unpack(group));
  }

  /** What is done while they run. */
  @FunctionalInterface
  interface Body<T> {
    /** Does it, and returns what came of it. */
    T run() throws Exception;
  }

  /** Starts both, does something, and ends both. */
  <T> T during(Body<T> body) throws Exception {
    CompletableFuture<ProcessGroup.ReadyChild> starting =
        ZooKeeperProgram.start(group, zookeeperPort, ZOOKEEPER_HEAP_MEGABYTES);
    Child redis = redisProgram.start(group, "redis", redisPort);
    Child zookeeper = group.await(starting).child();
    T result = body.run();
    group.end(redis);
    group.end(zookeeper);
    WorkDirectory.delete(group.directory().resolve("zookeeper"));
    return result;
  }

  /** Where Redis listens. */
  String redis() {
    return "127.0.0.1:" + redisPort;
  }

  /** Where ZooKeeper listens. */
  String zookeeper() {
    return "127.0.0.1:" + zookeeperPort;
  }

  /** The port of that. */
  int zookeeperPort() {
    return zookeeperPort;
  }
}
