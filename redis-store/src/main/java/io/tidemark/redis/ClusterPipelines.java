package io.tidemark.redis;

import io.tidemark.redis.Pipelines.Command;
import io.tidemark.redis.Pipelines.Reply;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Sends commands to the servers of a cluster, each in pipelines of its own, side by side. Those
 * that are redirected follow in the next round, together again. For one thread.
 */
final class ClusterPipelines {
  private final Topology topology;
  private final List<Command> commands;
  private final @Nullable CommandArguments last;
  private final Reply[] replies;

  /** The ways of the commands that did not end at their first server. */
  private final Map<Integer, Route> routes = new HashMap<>();

  private Map<HostAndPort, ServerShare> shares = new HashMap<>();

  /**
   * Prepares to send the commands.
   *
   * @param last is sent at the end of each pipeline; null for nothing
   * @param replies gets the replies, at the commands' places
   */
  ClusterPipelines(
      Topology topology, List<Command> commands, @Nullable CommandArguments last, Reply[] replies) {
    this.topology = topology;
    this.commands = commands;
    this.last = last;
    this.replies = replies;
  }

  void send() {
    shareAll();
    while (!shares.isEmpty()) {
      Pipelines.sendAll(inOneOrder(shares));
      Collection<ServerShare> sent = shares.values();
      shares = new HashMap<>();
      sent.forEach(this::renewTopology);
      sent.forEach(this::sendOn);
      pause();
    }
  }

  /** Finds the server of each command. */
  private void shareAll() {
    boolean isRenewed = false;
    for (int i = 0; i < commands.size(); i++) {
      HostAndPort server = topology.server(hashSlot(i));
      if (server == null && !isRenewed) {
        topology.renewWithout(null);
        isRenewed = true;
        server = topology.server(hashSlot(i));
      }
      if (server == null) {
        replies[i] =
            new Reply(null, new NotSentException("no server has hash slot " + hashSlot(i)));
      } else {
        share(server).add(i);
      }
    }
  }

  private int hashSlot(int i) {
    return JedisClusterCRC16.getSlot(SlotFormat.key(commands.get(i).key()));
  }

  private ServerShare share(HostAndPort server) {
    return shares.computeIfAbsent(
        server,
        its -> new ServerShare(its, () -> topology.connection(its), commands, last, replies));
  }

  /**
   * In the order of the servers' addresses: where all callers take connections in one order, no two
   * of them wait for each other.
   */
  private static List<ServerShare> inOneOrder(Map<HostAndPort, ServerShare> shares) {
    return shares.values().stream()
        .sorted(Comparator.comparing(share -> share.server().toString()))
        .toList();
  }

  private void renewTopology(ServerShare share) {
    List<JedisException> failures =
        share.indices().stream().map(this::failure).flatMap(Stream::ofNullable).toList();
    if (failures.stream().anyMatch(Route::isServerLost)) {
      topology.renewWithout(share.server());
    } else if (failures.stream().anyMatch(JedisMovedDataException.class::isInstance)) {
      topology.renewFrom(share.server());
    }
  }

  private @Nullable JedisException failure(int i) {
    return replies[i].failure();
  }

  /** Shares what the server has surely not run among the servers that it goes on to. */
  private void sendOn(ServerShare sent) {
    for (int i : sent.indices()) {
      JedisException failure = failure(i);
      if (failure == null) {
        continue;
      }
      Route route =
          routes.computeIfAbsent(i, its -> new Route(topology, hashSlot(its), sent.server()));
      if (!route.leadsOn(failure)) {
        replies[i] = new Reply(null, route.ended(failure));
      } else if (route.isAsking()) {
        share(route.next()).addAsking(i);
      } else {
        share(route.next()).add(i);
      }
    }
  }

  /** Waits as long as the way of any command asks for; if interrupted, none goes on. */
  private void pause() {
    List<Integer> left =
        shares.values().stream().flatMap(share -> share.indices().stream()).toList();
    try {
      Route.pause(left.stream().mapToLong(i -> route(i).pauseMillis()).max().orElse(0));
    } catch (NotSentException e) {
      left.forEach(i -> replies[i] = new Reply(null, e));
      shares = Map.of();
    }
  }

  private Route route(int i) {
    return Objects.requireNonNull(routes.get(i));
  }
}
