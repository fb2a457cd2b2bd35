package io.tidemark.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Sends many commands in few round trips: in one pipeline, or in a cluster in one for each server,
 * side by side. Each command is for one key, and is sent at most once, whatever the client does
 * with single commands. Immutable and thread-safe.
 *
 * <p>A pipeline is limited in commands and bytes, because a server keeps all replies until it can
 * send them, and a connection that breaks leaves every command of its pipeline without a reply. If
 * there are more, several pipelines follow each other.
 */
final class Pipelines {
  /** The most commands in one pipeline. */
  static final int MOST_COMMANDS = 1_000;

  /** The most bytes of keys and arguments in one pipeline, unless one command alone has more. */
  static final int MOST_BYTES = 1024 * 1024;

  private final UnifiedJedis jedis;

  Pipelines(UnifiedJedis jedis) {
    this.jedis = jedis;
  }

  /**
   * A command for one key.
   *
   * @param appending appends it to a pipeline
   * @param bytes the length of its key and its arguments
   */
  record Command(Function<AbstractPipeline, Response<?>> appending, int bytes) {}

  /**
   * What became of a command: its reply, or why there is none.
   *
   * @param answer the reply; null if the server replied nil, or failed
   * @param failure what Jedis throws; null if there was a reply
   */
  record Reply(@Nullable Object answer, @Nullable JedisException failure) {}

  /** Sends the commands. Returns a reply for each, in their order. */
  List<Reply> send(List<Command> commands) {
    List<Reply> replies = new ArrayList<>(commands.size());
    for (int from = 0; from < commands.size(); ) {
      int to = endOfPipeline(commands, from);
      replies.addAll(sendTogether(commands.subList(from, to)));
      from = to;
    }
    return replies;
  }

  private static int endOfPipeline(List<Command> commands, int from) {
    int bytes = commands.get(from).bytes();
    int to = from + 1;
    while (to < commands.size()
        && to - from < MOST_COMMANDS
        && bytes + commands.get(to).bytes() <= MOST_BYTES) {
      bytes += commands.get(to).bytes();
      to++;
    }
    return to;
  }

  private List<Reply> sendTogether(List<Command> commands) {
    AbstractPipeline pipeline;
    try {
      pipeline = jedis.pipelined();
    } catch (JedisException e) {
      return commands.stream().map(command -> new Reply(null, e)).toList();
    }
    List<Sending> sent = new ArrayList<>(commands.size());
    JedisException broken = null;
    try {
      for (Command command : commands) {
        sent.add(Sending.of(command, pipeline));
      }
      pipeline.sync();
    } catch (JedisException e) {
      broken = e;
    } finally {
      close(pipeline);
    }
    List<Reply> replies = new ArrayList<>(commands.size());
    for (Sending each : sent) {
      replies.add(each.reply(broken));
    }
    return replies;
  }

  /** Whatever closing throws, the replies that came are good. */
  @SuppressWarnings("CatchingUnchecked")
  private static void close(AbstractPipeline pipeline) {
    try {
      pipeline.close();
    } catch (RuntimeException e) {
      // The pipeline is broken, which its replies report.
    }
  }

  /** A command that was appended, or could not be: its server is down, say. */
  private record Sending(@Nullable Response<?> response, @Nullable JedisException failure) {

    static Sending of(Command command, AbstractPipeline pipeline) {
      try {
        return new Sending(command.appending().apply(pipeline), null);
      } catch (JedisException e) {
        return new Sending(null, e);
      }
    }

    Reply reply(@Nullable JedisException broken) {
      if (response == null) {
        return new Reply(null, failure);
      }
      try {
        return new Reply(response.get(), null);
      } catch (JedisDataException e) {
        return new Reply(null, e);
      } catch (IllegalStateException e) {
        // Jedis reports so that no reply came.
        JedisException cause =
            broken == null
                ? new JedisConnectionException("the connection broke before the reply came", e)
                : broken;
        return new Reply(null, cause);
      }
    }
  }
}
