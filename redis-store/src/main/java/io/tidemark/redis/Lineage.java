package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * The lineage of a server: the first digits of its replication id. {@code lineage.lua} says what it
 * is for, and asks for it in the same way. Immutable.
 *
 * @param text the digits, as the eight bytes of a number
 */
record Lineage(long text) {
  static final int LENGTH = Long.BYTES;

  private static final VarHandle TEXT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** For stores that keep what a failover brings back: every slot is of this lineage. */
  static final Lineage ANY = new Lineage(textOf("--------".getBytes(US_ASCII), 0));

  private static final byte[] IS_REPLICA = "role:slave".getBytes(US_ASCII);
  private static final byte[] HAS_NO_REPLICA = "min_slaves_good_slaves:0".getBytes(US_ASCII);
  private static final byte[] ID = "master_replid:".getBytes(US_ASCII);

  /**
   * Reads the answer to INFO replication.
   *
   * @throws JedisDataException as the scripts do, if the server must not serve its slots
   */
  static Lineage parsed(byte[] replication) {
    Lineage found = null;
    for (int at = 0; at >= 0; at = nextLine(replication, at)) {
      if (startsWith(replication, at, ID) && at + ID.length + LENGTH <= replication.length) {
        found = new Lineage(textOf(replication, at + ID.length));
      } else if (startsWith(replication, at, IS_REPLICA)) {
        // Safeguard ONLY_MASTERS_COUNT: a replica has the id of its master, and may lag behind it.
        throw new JedisDataException("READONLY This server is a replica.");
      } else if (startsWith(replication, at, HAS_NO_REPLICA)) {
        // Safeguard ENOUGH_REPLICAS: one that was cut off may have been replaced.
        throw new JedisDataException("NOREPLICAS This master has no replica that keeps up.");
      }
    }
    if (found == null) {
      throw new JedisDataException("ERR INFO replication has no master_replid; see failover(KEEP)");
    }
    return found;
  }

  /** Whether the text at a place of a slot is this lineage. */
  boolean isAt(byte[] slot, int at) {
    return equals(ANY) || textOf(slot, at) == text;
  }

  /** Reads the lineage from the answer of a script. */
  static Lineage ofAnswer(byte[] field) {
    return new Lineage(textOf(field, 0));
  }

  private static long textOf(byte[] bytes, int at) {
    return (long) TEXT.get(bytes, at);
  }

  private static int nextLine(byte[] text, int from) {
    for (int i = from; i < text.length; i++) {
      if (text[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private static boolean startsWith(byte[] text, int at, byte[] start) {
    return at + start.length <= text.length
        && text[at] == start[0]
        && Arrays.equals(text, at, at + start.length, start, 0, start.length);
  }

  @Override
  public String toString() {
    byte[] digits = new byte[LENGTH];
    TEXT.set(digits, 0, text);
    return new String(digits, US_ASCII);
  }
}
