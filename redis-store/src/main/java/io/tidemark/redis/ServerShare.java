package io.tidemark.redis;

import io.tidemark.redis.Pipelines.Command;
import io.tidemark.redis.Pipelines.Reply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The commands for one server, sent in pipelines that follow each other. To ask several servers
 * side by side, write to all of them before you read from the first. For one thread.
 */
final class ServerShare {
  private final @Nullable HostAndPort server;
  private final Supplier<Connection> connections;
  private final List<Command> commands;
  private final @Nullable CommandArguments last;
  private final Reply[] replies;

  /** Which of the commands are this server's. */
  private final List<Integer> indices = new ArrayList<>();

  /** Which of those are sent after ASKING. */
  private final Set<Integer> asking = new HashSet<>();

  /** The pipeline under way, in {@link #indices}. */
  private int from;

  private int to;
  private @Nullable Connection connection;
  private @Nullable JedisException failure;

  /** Whether all replies of the pipeline were read, so that others may use its connection. */
  private boolean isRead;

  /**
   * A share without commands.
   *
   * @param server its address in a cluster, null where there is one server
   * @param connections takes a connection to the server
   * @param last is sent at the end of each pipeline; null for nothing
   * @param replies gets the replies, at the commands' places
   */
  ServerShare(
      @Nullable HostAndPort server,
      Supplier<Connection> connections,
      List<Command> commands,
      @Nullable CommandArguments last,
      Reply[] replies) {
    this.server = server;
    this.connections = connections;
    this.commands = commands;
    this.last = last;
    this.replies = replies;
  }

  /** Adds a command by its index. */
  void add(int index) {
    indices.add(index);
  }

  /** Adds a command likewise whose hash slot is still arriving at this server. */
  void addAsking(int index) {
    indices.add(index);
    asking.add(index);
  }

  /** The address of the server in its cluster. */
  HostAndPort server() {
    return Objects.requireNonNull(server);
  }

  /** The indices of the commands. */
  List<Integer> indices() {
    return indices;
  }

  /** Whether there are commands that no pipeline was made for. */
  boolean hasMore() {
    return to < indices.size();
  }

  /** Sends the next pipeline. */
  void write() {
    from = to;
    to = endOfPipeline();
    isRead = false;
    try {
      Connection taken = connections.get();
      connection = taken;
      for (int i = from; i < to; i++) {
        if (isAsking(i)) {
          taken.sendCommand(Protocol.Command.ASKING);
        }
        taken.sendCommand(command(i).arguments());
      }
      if (last != null) {
        taken.sendCommand(last);
      }
      // Reads nothing, but flushes.
      taken.getMany(0);
    } catch (JedisException e) {
      failure = e;
    }
  }

  private int endOfPipeline() {
    int bytes = command(from).bytes();
    int end = from + 1;
    while (end < indices.size()
        && end - from < Pipelines.MOST_COMMANDS
        && bytes + command(end).bytes() <= Pipelines.MOST_BYTES) {
      bytes += command(end).bytes();
      end++;
    }
    return end;
  }

  private boolean isAsking(int i) {
    return asking.contains(indices.get(i));
  }

  private Command command(int i) {
    return commands.get(indices.get(i));
  }

  /**
   * Reads the replies. If the server is silent or cannot be reached, what is left is not sent: each
   * further pipeline would wait as long.
   */
  void read() {
    List<Object> all = answers();
    Object toLast = last == null || all.isEmpty() ? null : all.get(all.size() - 1);
    Iterator<Object> answers = all.iterator();
    if (failure != null && server != null) {
      Way.noted(failure, server);
    }
    for (int i = from; i < to; i++) {
      if (failure == null) {
        Object asked = isAsking(i) ? answers.next() : null;
        replies[indices.get(i)] = reply(asked, answers.next(), toLast);
      } else {
        replies[indices.get(i)] = new Reply(null, failure);
      }
    }
    if (failure != null && ConnectionFailures.isUnreachable(failure)) {
      failRest(new NotSentException(failure));
    }
    failure = null;
  }

  private List<Object> answers() {
    if (connection != null && failure == null) {
      try {
        int asked = Math.toIntExact(IntStream.range(from, to).filter(this::isAsking).count());
        int closing = last == null ? 0 : 1;
        List<Object> answers = connection.getMany(asked + to - from + closing);
        isRead = true;
        return answers;
      } catch (JedisException e) {
        failure = e;
      }
    }
    return List.of();
  }

  private static Reply reply(
      @Nullable Object asked, @Nullable Object answer, @Nullable Object toLast) {
    return answer instanceof JedisDataException refusal
        ? new Reply(null, Commands.refusalAfterAsking(asked, refusal))
        : new Reply(answer, null, toLast);
  }

  private void failRest(JedisException reason) {
    for (int i = to; i < indices.size(); i++) {
      replies[indices.get(i)] = new Reply(null, reason);
    }
    to = indices.size();
  }

  /** Gives the connection back, which others may use if all replies were read. */
  void close() {
    Connection used = connection;
    connection = null;
    if (used != null) {
      if (!isRead) {
        used.setBroken();
      }
      Pipelines.giveBack(used);
    }
  }
}
