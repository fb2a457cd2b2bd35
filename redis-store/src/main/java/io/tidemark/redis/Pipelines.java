package io.tidemark.redis;

import io.tidemark.spi.SlotKey;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ConnectionProvider;

/**
 * Sends many commands in few round trips: in one pipeline, or in a cluster in one for each server,
 * side by side. Each command is for one key, and is sent at most once, except where a cluster sends
 * it on to another server. Immutable and thread-safe.
 *
 * <p>A pipeline is limited in commands and bytes, because a server keeps all replies until it can
 * send them, and a connection that breaks leaves every command of its pipeline without a reply. If
 * there are more, several pipelines follow each other.
 *
 * <p>Jedis has pipelines for clusters too. They need threads of their own, one of which ends with
 * an exception when a server is lost, and they take connections in the order of the keys, so that
 * callers can wait for each other.
 */
final class Pipelines {
  /** The most commands in one pipeline. */
  static final int MOST_COMMANDS = 1_000;

  /** The most bytes of keys and arguments in one pipeline, unless one command alone has more. */
  static final int MOST_BYTES = 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Pipelines.class);

  private final @Nullable ConnectionProvider connections;
  private final @Nullable Topology topology;

  Pipelines(UnifiedJedis jedis) {
    this.connections = Providers.of(jedis);
    this.topology = Topology.of(jedis);
  }

  /**
   * A command for one key.
   *
   * @param bytes the length of its key and its arguments
   */
  record Command(SlotKey key, CommandArguments arguments, int bytes) {}

  /**
   * What became of a command: its reply, or why there is none.
   *
   * @param answer the reply as Jedis reads it: a number, bytes, or a list of such; null if the
   *     server replied nil, or failed
   * @param failure what Jedis throws, or {@link NotSentException}; null if there was a reply
   * @param last the reply to what was sent at the end of the same pipeline, or what Jedis throws;
   *     null if nothing was
   */
  record Reply(@Nullable Object answer, @Nullable JedisException failure, @Nullable Object last) {
    /** A reply, where nothing was sent at the end. */
    Reply(@Nullable Object answer, @Nullable JedisException failure) {
      this(answer, failure, null);
    }
  }

  /** Whether the client gives connections away, without which nothing can be sent here. */
  boolean areAvailable() {
    return connections != null;
  }

  /** Whether all commands go to one server, or to one at a time. */
  boolean haveOneServer() {
    return connections != null && topology == null;
  }

  /**
   * Takes a connection where there is one server.
   *
   * @throws JedisException as Jedis does
   */
  Connection connection() {
    return Objects.requireNonNull(connections).getConnection();
  }

  /**
   * Gives a connection back. Whatever that throws, the replies that came are good: where one that
   * broke is replaced at once for somebody who waits, that can fail.
   */
  @SuppressWarnings("CatchingUnchecked")
  static void giveBack(Connection connection) {
    try {
      connection.close();
    } catch (RuntimeException e) {
      LOG.debug("a connection could not be given back", e);
    }
  }

  /** Sends the commands. Returns a reply for each, in their order. */
  List<Reply> send(List<Command> commands) {
    return send(commands, null);
  }

  /**
   * Sends the commands likewise.
   *
   * @param last a command without a key that is sent at the end of each pipeline; null for none
   */
  List<Reply> send(List<Command> commands, @Nullable CommandArguments last) {
    Reply[] replies = new Reply[commands.size()];
    if (topology != null) {
      new ClusterPipelines(topology, commands, last, replies).send();
    } else {
      ServerShare all = new ServerShare(null, this::connection, commands, last, replies);
      IntStream.range(0, commands.size()).forEach(all::add);
      sendAll(List.of(all));
    }
    return Arrays.asList(replies);
  }

  /** Sends what several servers get, side by side. */
  static void sendAll(List<ServerShare> all) {
    List<ServerShare> shares = all.stream().filter(ServerShare::hasMore).toList();
    while (!shares.isEmpty()) {
      try {
        shares.forEach(ServerShare::write);
        shares.forEach(ServerShare::read);
      } finally {
        shares.forEach(ServerShare::close);
      }
      shares = shares.stream().filter(ServerShare::hasMore).toList();
    }
  }
}
