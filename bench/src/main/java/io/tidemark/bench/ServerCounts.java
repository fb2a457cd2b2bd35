package io.tidemark.bench;

import io.tidemark.bench.contestants.RedisClients;
import io.tidemark.servers.ZooKeeperStatus;
import java.io.IOException;
import java.time.Duration;
import redis.clients.jedis.RedisClient;

/**
 * What the servers of a run have done since they were started, by their own count, without what it
 * takes to ask them. Not thread-safe.
 */
final class ServerCounts implements AutoCloseable {
  private static final String COMMANDS = "total_commands_processed:";

  /** What only a hang can miss. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final int POLL_MILLIS = 10;

  private final int zookeeper;
  private final RedisClient redis;
  private long zookeeperQuestions;
  private long redisQuestions;

  ServerCounts(BenchServers servers) {
    this.zookeeper = servers.zookeeperPort();
    this.redis = RedisClients.connect(servers.redis(), 1);
  }

  /**
   * How much there was to do.
   *
   * @param requests to ZooKeeper
   * @param writes of ZooKeeper: what the servers of an ensemble agree on, also if it is refused
   * @param commands that Redis has run, those of scripts included
   */
  record Counts(long requests, long writes, long commands) {
    /** What was done after other counts. */
    Counts since(Counts before) {
      return new Counts(
          requests - before.requests, writes - before.writes, commands - before.commands);
    }
  }

  /** Asks both servers. */
  Counts read() throws IOException {
    zookeeperQuestions++;
    ZooKeeperStatus status = ZooKeeperStatus.of(zookeeper, 0);
    long commands =
        redis
            .info("stats")
            .lines()
            .filter(line -> line.startsWith(COMMANDS))
            .mapToLong(line -> Long.parseLong(line.substring(COMMANDS.length())))
            .findFirst()
            .orElseThrow();
    Counts counts =
        new Counts(
            status.requests() - zookeeperQuestions, status.zxid(), commands - redisQuestions);
    // It is counted when it is over.
    redisQuestions++;
    return counts;
  }

  /** Waits until nobody holds a lock in ZooKeeper: they are given back after the callers. */
  void awaitNoLock() throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (holders() > 0) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IllegalStateException("a lock in ZooKeeper was not given back");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private long holders() throws IOException {
    zookeeperQuestions++;
    return ZooKeeperStatus.ephemeralNodes(zookeeper);
  }

  @Override
  public void close() {
    redis.close();
  }
}
