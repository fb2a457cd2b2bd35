package io.tidemark.proof.bars;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.proof.bars.RecordedLine.Traffic;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.zookeeper.ZooDefs.OpCode;

/** Reads requests from what was recorded on the way to Redis or ZooKeeper. */
final class Requests {
  /** Creations, deletions and the like, as {@code ZooDefs.OpCode} numbers them. */
  private static final Set<Integer> WRITES =
      Set.of(
          OpCode.create,
          OpCode.create2,
          OpCode.createContainer,
          OpCode.createTTL,
          OpCode.delete,
          OpCode.setData,
          OpCode.multi);

  /** How the script begins by which a process looks at the server's clock, every 10 s at most. */
  private static final String CLOCK_SCRIPT = "-- time.lua";

  private static final int NOTIFICATION = -1;
  private static final int LENGTH_BYTES = Integer.BYTES;

  private Requests() {}

  /**
   * A command to Redis.
   *
   * @param bytes how many were sent
   * @param asksTime whether it is a look at the server's clock, which no call needs by itself
   */
  record RedisCommand(int bytes, boolean asksTime) {}

  /** The commands to Redis. */
  static List<RedisCommand> toRedis(Traffic traffic) {
    List<RedisCommand> commands = new ArrayList<>();
    ByteBuffer sent = traffic.sent().duplicate();
    while (sent.hasRemaining()) {
      int begin = sent.position();
      boolean asksTime = false;
      int words = number(sent);
      for (int word = 0; word < words; word++) {
        byte[] text = new byte[number(sent)];
        sent.get(text);
        sent.position(sent.position() + "\r\n".length());
        asksTime |= word == 1 && new String(text, US_ASCII).startsWith(CLOCK_SCRIPT);
      }
      commands.add(new RedisCommand(sent.position() - begin, asksTime));
    }
    return commands;
  }

  /** The requests to ZooKeeper, each after its length. */
  static List<ByteBuffer> toZooKeeper(Traffic traffic) {
    return frames(traffic.sent());
  }

  /** How many of ZooKeeper's messages are answers. */
  static long answers(Traffic traffic) {
    return frames(traffic.received()).stream()
        .filter(answer -> answer.getInt(0) != NOTIFICATION)
        .count();
  }

  /** Whether ZooKeeper's servers must agree on a request. */
  static boolean writes(ByteBuffer request) {
    return WRITES.contains(kind(request));
  }

  /** Whether a request to ZooKeeper reads data and, by its last byte, asks for a watch. */
  static boolean setsWatch(ByteBuffer request) {
    return kind(request) == OpCode.getData && request.get(request.limit() - 1) != 0;
  }

  /** Stands behind the request's number. */
  private static int kind(ByteBuffer request) {
    return request.getInt(Integer.BYTES);
  }

  private static List<ByteBuffer> frames(ByteBuffer bytes) {
    List<ByteBuffer> frames = new ArrayList<>();
    ByteBuffer rest = bytes.duplicate();
    while (rest.remaining() >= LENGTH_BYTES) {
      int length = rest.getInt();
      if (length > rest.remaining()) {
        break;
      }
      frames.add(rest.slice(rest.position(), length));
      rest.position(rest.position() + length);
    }
    return frames;
  }

  /** The number of a line such as {@code *3}. */
  private static int number(ByteBuffer sent) {
    byte kind = sent.get();
    int number = 0;
    for (byte next = sent.get(); next != '\r'; next = sent.get()) {
      number = number * 10 + next - '0';
    }
    byte end = sent.get();
    if ((kind != '*' && kind != '$') || end != '\n') {
      throw new IllegalStateException("not a request to Redis");
    }
    return number;
  }
}
