package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * A Lua script from a file, with {@code slot.lua} and a lineage in front if it works on slots.
 * Immutable and thread-safe.
 *
 * <p>The script is run by its hash. A server that does not know it, after a restart or SCRIPT
 * FLUSH, runs nothing, and is sent the text, which it remembers.
 */
final class Script {
  private static final String FORMAT_FILE = "slot.lua";
  private static final String LINEAGE_FILE = "lineage.lua";
  private static final String ANY_LINEAGE_FILE = "any-lineage.lua";

  private final byte[] text;
  private final byte[] hash;

  private Script(byte[] text) {
    this.text = text;
    this.hash = HexFormat.of().formatHex(sha1(text)).getBytes(US_ASCII);
  }

  /** Reads a script that works on slots from a file beside this class. */
  static Script of(String file, Failover failover) {
    String lineage = failover == Failover.KEEP ? ANY_LINEAGE_FILE : LINEAGE_FILE;
    String text = String.join("\n", resource(lineage), resource(FORMAT_FILE), resource(file));
    return new Script(text.getBytes(UTF_8));
  }

  /** Reads a script that does not need {@code slot.lua}. */
  static Script ofOneFile(String file) {
    return new Script(resource(file).getBytes(UTF_8));
  }

  /**
   * Runs the script on one key, at most once.
   *
   * @return the answer: a number, bytes, or a list of them
   * @throws redis.clients.jedis.exceptions.JedisException as Jedis does
   */
  Object run(Commands commands, byte[] key, List<byte[]> arguments) {
    try {
      return answer(commands, key, command(key, arguments));
    } catch (JedisNoScriptException e) {
      return answer(commands, key, command(Protocol.Command.EVAL, text, key, arguments));
    }
  }

  /** Runs the script likewise over the connections of a client. */
  Object run(UnifiedJedis jedis, byte[] key, List<byte[]> arguments) {
    return run(new Commands(jedis), key, arguments);
  }

  /** Runs a short script likewise by its text, which takes one round trip on every server. */
  Object runText(Commands commands, byte[] key) {
    return answer(commands, key, command(Protocol.Command.EVAL, text, key, List.of()));
  }

  /** The command that runs the script on one key, if the server knows it. */
  CommandArguments command(byte[] key, List<byte[]> arguments) {
    return command(Protocol.Command.EVALSHA, hash, key, arguments);
  }

  private static Object answer(Commands commands, byte[] key, CommandArguments command) {
    return Objects.requireNonNull(commands.send(key, command), "the script answers nil");
  }

  private static CommandArguments command(
      Protocol.Command verb, byte[] script, byte[] key, List<byte[]> arguments) {
    return new CommandArguments(verb).add(script).add(1).key(key).addObjects(arguments);
  }

  /** Tries whether a script may be sent as text. The script does nothing. */
  static void tryOutText(UnifiedJedis jedis, byte[] key) {
    jedis.eval("return 0".getBytes(UTF_8), List.of(key), List.of());
  }

  /** The text of a file beside this class. */
  static String resource(String file) {
    try (InputStream in = Script.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing beside " + Script.class);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Redis names scripts by it; it protects nothing. */
  private static byte[] sha1(byte[] text) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(text);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
