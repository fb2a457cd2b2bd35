package io.tidemark.redis;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * The way of a command through a cluster, from server to server until one runs it. It goes on only
 * if the server before has surely run nothing: it named another server, or it was not reached and
 * the cluster has another one for the hash slot by now. For one thread.
 */
final class Route {
  /** The most servers that a command is sent on to. */
  static final int MOST_STEPS = 10;

  /** Servers that disagree soon agree; then each pause is twice the one before, 127 ms in all. */
  private static final int STEPS_WITHOUT_PAUSE = 3;

  private final Topology topology;
  private final int hashSlot;
  private final StringBuilder way = new StringBuilder();
  private final Set<HostAndPort> visited = new HashSet<>();
  private @Nullable HostAndPort server;
  private boolean isAsking;
  private int steps;

  /**
   * A way of one server so far.
   *
   * @param server null if none is known to have the hash slot
   */
  Route(Topology topology, int hashSlot, @Nullable HostAndPort server) {
    this.topology = topology;
    this.hashSlot = hashSlot;
    this.server = server;
    if (server == null) {
      way.append("no known server of hash slot ").append(hashSlot);
    } else {
      way.append(server);
      visited.add(server);
    }
  }

  /** The last server; null if none is known. */
  @Nullable HostAndPort server() {
    return server;
  }

  /** The server that a command goes on to. */
  HostAndPort next() {
    return Objects.requireNonNull(server);
  }

  /** Whether the server takes the command only after ASKING: its hash slot is still arriving. */
  boolean isAsking() {
    return isAsking;
  }

  /** Takes a connection to the last server. */
  Connection connection() {
    return topology.connection(next());
  }

  /**
   * Finds the next server after a failure, once the topology has been renewed.
   *
   * @return whether there is one; else the failure is the last one
   */
  boolean leadsOn(JedisException failure) {
    if (steps == MOST_STEPS) {
      return false;
    }
    if (failure instanceof JedisRedirectionException redirection) {
      isAsking = redirection instanceof JedisAskDataException;
      goTo(named(redirection.getTargetNode()), isAsking ? "ASK" : "MOVED");
      return true;
    }
    HostAndPort other = hasRunNothing(failure) ? topology.server(hashSlot) : null;
    if (other == null || visited.contains(other)) {
      return false;
    }
    isAsking = false;
    goTo(other, "new topology");
    return true;
  }

  private void goTo(HostAndPort next, String why) {
    steps++;
    server = next;
    visited.add(next);
    way.append(" → ").append(next).append(" (").append(why).append(')');
  }

  /** A server that does not know its own address names only a port. */
  private HostAndPort named(HostAndPort target) {
    return target.getHost().isEmpty() && server != null
        ? new HostAndPort(server.getHost(), target.getPort())
        : target;
  }

  /** Whether the topology is likely to be old, because its server does not answer. */
  static boolean isServerLost(JedisException failure) {
    return failure instanceof JedisConnectionException || hasRunNothing(failure);
  }

  /** Whether a server refused for the cluster's sake, or none was reached. */
  private static boolean hasRunNothing(JedisException failure) {
    return isClusterDown(failure)
        || (ConnectionFailures.isUnsent(failure)
            && !ConnectionFailures.isPoolExhausted(failure)
            && !(failure.getCause() instanceof InterruptedException));
  }

  private static boolean isClusterDown(JedisException failure) {
    return failure instanceof JedisDataException
        && String.valueOf(failure.getMessage()).startsWith("CLUSTERDOWN");
  }

  /** What to throw for the last failure. */
  JedisException ended(JedisException failure) {
    return Way.noted(
        failure instanceof JedisRedirectionException
            ? new NotSentException(
                "the servers of the cluster do not agree on who has hash slot " + hashSlot, failure)
            : failure,
        way);
  }

  /**
   * Lets the servers come to agree, before the command goes on.
   *
   * @throws JedisException if the thread is interrupted
   */
  void pause() {
    pause(pauseMillis());
  }

  /** How long to wait before the command goes on. */
  long pauseMillis() {
    return steps <= STEPS_WITHOUT_PAUSE ? 0 : 1L << (steps - STEPS_WITHOUT_PAUSE - 1);
  }

  static void pause(long millis) {
    if (millis == 0) {
      return;
    }
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      throw new NotSentException("interrupted on the way to another server", e);
    }
  }

  @Override
  public String toString() {
    return way.toString();
  }
}
