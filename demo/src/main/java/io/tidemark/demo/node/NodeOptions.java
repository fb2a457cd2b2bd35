package io.tidemark.demo.node;

import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import redis.clients.jedis.HostAndPort;

/**
 * What a node was told on its command line. Immutable.
 *
 * @param httpPort the port to serve on, or 0 for any free one
 * @param zookeeper ZooKeeper's addresses
 * @param redis where Redis is
 * @param redlockServers the addresses of the servers of Redlock; none stands for {@code redis}
 * @param jdbcUrl the database
 * @param lock the locks that decide which node may load
 * @param ttl how long a product is served from the cache
 * @param deadline a caller's deadline
 * @param dbLatency what every load takes longer than its query
 * @param grace how long an expired value is kept, to be served where a policy says so
 * @param onLoadFailure what a read does while the database is away
 * @param onLockTimeout what a read does that cannot go the usual way in time
 * @param sessionTimeout how long ZooKeeper waits for a node that is silent
 * @param stage what is played on this node
 */
record NodeOptions(
    int httpPort,
    String zookeeper,
    RedisAddress redis,
    List<HostAndPort> redlockServers,
    String jdbcUrl,
    LockChoice lock,
    Duration ttl,
    Duration deadline,
    Duration dbLatency,
    Duration grace,
    LoadFailurePolicy onLoadFailure,
    FallbackPolicy onLockTimeout,
    Duration sessionTimeout,
    NodeStage stage) {

  /** The longest latency that a load may be given: as long as the cache renews a claim. */
  static final Duration MOST_DB_LATENCY = Duration.ofMinutes(1);

  private static final String JDBC_PREFIX = "jdbc:postgresql:";

  /** Refuses what is out of range; the message names the option, its value and the rule. */
  NodeOptions {
    if (httpPort < 0 || httpPort > 65_535) {
      throw new IllegalArgumentException(
          "--http-port is '" + httpPort + "'; it must be 0 to 65535, 0 for any free port");
    }
    if (!jdbcUrl.startsWith(JDBC_PREFIX)) {
      throw new IllegalArgumentException(
          "--jdbc is '" + jdbcUrl + "'; it must be a URL that starts with " + JDBC_PREFIX);
    }
    redlockServers = List.copyOf(redlockServers);
    checkLock(lock, redis, redlockServers, stage);
    checkRange("--ttl", ttl, Duration.ofMillis(1), Duration.ofDays(30));
    checkRange("--grace", grace, Duration.ZERO, Duration.ofDays(30));
    if (onLoadFailure == LoadFailurePolicy.STALE && grace.isZero()) {
      throw new IllegalArgumentException(
          "--on-load-failure is 'stale'; it must be given with a --grace of more than 0s");
    }
    checkRange("--wait", deadline, Duration.ofMillis(50), Duration.ofHours(1));
    checkRange("--db-latency", dbLatency, Duration.ZERO, MOST_DB_LATENCY);
    checkRange("--session-timeout", sessionTimeout, Duration.ofSeconds(1), Duration.ofMinutes(10));
  }

  private static void checkLock(
      LockChoice lock, RedisAddress redis, List<HostAndPort> redlockServers, NodeStage stage) {
    if (!redlockServers.isEmpty() && lock != LockChoice.REDLOCK) {
      throw new IllegalArgumentException(
          "--redlock-servers is '%s'; it must be given with --lock=redlock only"
              .formatted(text(redlockServers)));
    }
    if (Set.copyOf(redlockServers).size() < redlockServers.size()) {
      throw new IllegalArgumentException(
          "--redlock-servers is '%s'; each server must be named once"
              .formatted(text(redlockServers)));
    }
    if (stage == NodeStage.LIVE && lock != LockChoice.ZOOKEEPER) {
      throw new IllegalArgumentException(
          "--lock is '%s'; it must be zookeeper on a live stage".formatted(Notation.word(lock)));
    }
    if (redis.isCluster() && lock == LockChoice.OPTIMISTIC) {
      throw new IllegalArgumentException(
          "--lock is 'optimistic'; it must be another one with --redis-cluster");
    }
    if (redis.isCluster() && lock == LockChoice.REDLOCK && redlockServers.isEmpty()) {
      throw new IllegalArgumentException(
          "--lock is 'redlock'; it must be given with --redlock-servers beside --redis-cluster");
    }
  }

  /** Whether every wait for a server lasts as long as its callers wait. */
  boolean isPatient() {
    return stage == NodeStage.REHEARSAL;
  }

  /** The servers of Redlock, in the order that all nodes share. */
  List<HostAndPort> redlockMasters() {
    return redlockServers.isEmpty() ? redis.nodes() : redlockServers;
  }

  private static String text(List<HostAndPort> addresses) {
    return addresses.stream().map(HostAndPort::toString).collect(Collectors.joining(","));
  }

  private static void checkRange(String option, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be %s to %s"
              .formatted(option, Notation.text(value), Notation.text(least), Notation.text(most)));
    }
  }
}
