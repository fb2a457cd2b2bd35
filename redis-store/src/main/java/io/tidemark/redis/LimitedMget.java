package io.tidemark.redis;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * An MGET that takes no value into memory that is too large. MGET costs less than half as much per
 * key as a pipeline of GETRANGE, but has no limit, and Jedis makes room for a whole value as soon
 * as it has read its length. So this reads the reply itself, from the stream that Jedis keeps to
 * itself, and leaves the connection before a value that is too large. Immutable and thread-safe.
 */
final class LimitedMget {
  private static final Logger LOG = LoggerFactory.getLogger(LimitedMget.class);

  private static final @Nullable LimitedMget OF_THIS_JEDIS = ofThisJedis();

  private static final byte ARRAY = '*';
  private static final byte BULK = '$';
  private static final byte NIL_OF_RESP3 = '_';

  private final VarHandle input;
  private final MethodHandle flush;

  private LimitedMget(VarHandle input, MethodHandle flush) {
    this.input = input;
    this.flush = flush;
  }

  /** Returns null if the Jedis on the class path keeps its stream elsewhere. */
  static @Nullable LimitedMget find() {
    return OF_THIS_JEDIS;
  }

  private static @Nullable LimitedMget ofThisJedis() {
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(Connection.class, MethodHandles.lookup());
      return new LimitedMget(
          lookup.findVarHandle(Connection.class, "inputStream", RedisInputStream.class),
          lookup.findVirtual(Connection.class, "flush", MethodType.methodType(void.class)));
    } catch (ReflectiveOperationException e) {
      LOG.debug("Jedis does not show its stream; many slots are read one command each", e);
      return null;
    }
  }

  /**
   * What a server replied.
   *
   * @param values null for none
   * @param last the reply to the command that was sent after MGET; null if there was none
   */
  record Values(List<byte @Nullable []> values, @Nullable Object last) {}

  /**
   * Reads values, unless one is too large, after which the connection is broken.
   *
   * @param limits the longest value for each key
   * @param last is sent after it, in the same round trip; null for nothing
   * @return null if a value is too large
   * @throws JedisException as Jedis does
   */
  @Nullable Values read(
      Connection connection,
      List<byte[]> keys,
      List<Integer> limits,
      @Nullable CommandArguments last) {
    connection.sendCommand(Protocol.Command.MGET, keys.toArray(byte[][]::new));
    try {
      if (last != null) {
        connection.sendCommand(last);
      }
      flush.invokeExact(connection);
      List<byte @Nullable []> values = values(connection, limits);
      if (values == null) {
        return null;
      }
      return new Values(values, last == null ? null : connection.getOne());
    } catch (RuntimeException | Error e) {
      if (last != null || !(e instanceof JedisDataException)) {
        // Some of the replies may be left, which the next user of the connection would read.
        connection.setBroken();
      }
      throw e;
    } catch (Throwable e) {
      throw new JedisException("MGET could not be sent", e);
    }
  }

  private @Nullable List<byte @Nullable []> values(Connection connection, List<Integer> limits) {
    RedisInputStream in = (RedisInputStream) input.get(connection);
    List<byte @Nullable []> values = new ArrayList<>(limits.size());
    if (!in.peek(ARRAY)) {
      // An error, as a rule, which Jedis throws.
      throw new JedisException("the reply to MGET is " + connection.getOne());
    }
    in.readByte();
    int count = in.readIntCrLf();
    for (int i = 0; i < count; i++) {
      byte type = in.readByte();
      if (type == NIL_OF_RESP3) {
        readLineEnd(in);
        values.add(null);
        continue;
      }
      if (type != BULK) {
        throw new JedisConnectionException("the reply to MGET has a value of type " + type);
      }
      int length = in.readIntCrLf();
      if (length > limits.get(i)) {
        connection.setBroken();
        return null;
      }
      values.add(length < 0 ? null : bytes(in, length));
    }
    return values;
  }

  private static byte[] bytes(RedisInputStream in, int length) {
    byte[] bytes = new byte[length];
    int at = 0;
    while (at < length) {
      int read = in.read(bytes, at, length - at);
      if (read < 0) {
        throw new JedisConnectionException("the connection ended in the reply to MGET");
      }
      at += read;
    }
    readLineEnd(in);
    return bytes;
  }

  private static void readLineEnd(RedisInputStream in) {
    in.readByte();
    in.readByte();
  }
}
